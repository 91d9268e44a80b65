/** `/teams('id')/channels` becomes `/teams/id/channels`: Graph answers links in the one form and takes both. */
export function plainPath(path: string): string {
  return path.includes("('") ? path.replace(/\('([^']*)'\)/g, '/$1') : path;
}
