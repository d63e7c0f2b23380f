/** What figures for print can be written as. */

export const formats = ['svg', 'png', 'pdf'] as const;
export type Format = (typeof formats)[number];
