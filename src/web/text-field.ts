/** One labelled text field, as views/shared/field shows it. */
export type TextField = {
  /** Also its name in the form. */
  id: string
  label: string
  type: 'text' | 'email' | 'password'
  autocomplete: string
  value: string
  hint?: string
  /** In UTF-16 code units, as browsers count. What a form answers with may be longer. */
  maxLength?: number
  /** It may stay empty. */
  optional?: boolean
  error?: string
  /** Ids of hint and error, for `aria-describedby`. */
  describedBy?: string
}

/** @param error what is wrong with the value, in words; undefined where nothing is */
export function textField(
  field: Omit<TextField, 'error' | 'describedBy'>,
  error: string | undefined,
): TextField {
  const described = [field.hint && `${field.id}-hint`, error && `${field.id}-error`].filter(Boolean)
  return {
    ...field,
    ...(error && { error }),
    ...(described.length > 0 && { describedBy: described.join(' ') }),
  }
}
