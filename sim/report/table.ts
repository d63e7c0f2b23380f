/** Tables as plain texts; the terminal, Markdown and HTML forms lay them out. */

export interface Column {
  readonly title: string;
  readonly unit: string;
  readonly align: 'left' | 'right';
  /** Columns with the highest number go first where there is no room for all; 0 never goes. */
  readonly expendable: number;
}

export interface Section {
  readonly heading: string;
  /** One text per column; empty where nothing applies. */
  readonly rows: readonly (readonly string[])[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly sections: readonly Section[];
}
