/** Files of users, which may be TypeScript: how they become loadable, as the program's entry says. */

let prepare: () => Promise<unknown> = async () => {};

/** Says what must be done once, before the first such file is imported. */
export function prepareUserFiles(by: () => Promise<unknown>): void {
  prepare = by;
}

export async function userFilesAreLoadable(): Promise<void> {
  await prepare();
}
