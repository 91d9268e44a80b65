/** What the compiler says where a declaration names something that is not there. No value has this type. */
export interface Mistake<Text extends string> {
  readonly mistake: Text;
}
