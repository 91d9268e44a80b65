/** The tenant of a request, found before its handler runs. */
export interface AppEnv {
  Variables: { tenant: string };
}
