/** Where a database is, and who hears of a connection that broke while nobody was using it. */
export interface DatabaseOptions {
  /** `sqlite:` or `postgres://…` */
  url: string;
  /** The file of `sqlite:`; made, with its folder, if missing. */
  sqliteFile: string;
  onError?: (error: Error) => void;
}
