/** Fields of the desk's forms beside the text field, as views/merchant/fields shows each. */
type Common = {
  /** Also its name in the form. */
  id: string
  label: string
  hint?: string
  error?: string
  /** Ids of hint and error, for `aria-describedby`. */
  describedBy?: string
}

/** One of a few, each in sight. */
export type ChoiceField = Common & {
  options: { value: string; label: string; hint?: string; checked: boolean }[]
}

/** Any of a few. Each is a field of its own, sent where it is ticked. */
export type ChecksField = Common & {
  boxes: { name: string; label: string; checked: boolean }[]
}

/** One of many. */
export type SelectField = Common & {
  options: { value: string; label: string; selected: boolean }[]
}

/** Text of some lines. `maxLength` is as a text field has it. */
export type AreaField = Common & {
  value: string
  rows: number
  maxLength?: number
  optional?: boolean
}

/** @param error what is wrong with the field, in words; undefined where nothing is */
export function withError<Field extends Common>(
  field: Omit<Field, 'error' | 'describedBy'>,
  error?: string,
): Field {
  const described = [field.hint && `${field.id}-hint`, error && `${field.id}-error`].filter(Boolean)
  return {
    ...field,
    ...(error && { error }),
    ...(described.length > 0 && { describedBy: described.join(' ') }),
  } as Field
}
