import type { NameRule } from '../resource/resource.ts'

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const KEY_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${KEY_NAME})?`

const isLabel = whole(LABEL)
const isSubdomain = whole(SUBDOMAIN)
const isLabel1035 = whole(LABEL_1035)
const isKeyName = whole(KEY_NAME)
const isLabelValue = whole(LABEL_VALUE)

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

/** What is wrong with a DNS label (RFC 1123), in the words of the real server; empty when nothing is. */
export function labelProblems(value: string): readonly string[] {
  return [
    ...tooLong(value, 63, 'characters'),
    ...unless(
      isLabel.test(value),
      isSubdomain.test(value)
        ? 'must not contain dots'
        : `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
    ),
  ]
}

/** What is wrong with a DNS subdomain (RFC 1123). */
export function subdomainProblems(value: string): readonly string[] {
  return [
    ...tooLong(value, 253, 'characters'),
    ...unless(
      isSubdomain.test(value),
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
    ),
  ]
}

/** What is wrong with a DNS label that begins with a letter (RFC 1035). */
export function label1035Problems(value: string): readonly string[] {
  return [
    ...tooLong(value, 63, 'characters'),
    ...unless(
      isLabel1035.test(value),
      `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`,
    ),
  ]
}

/** What is wrong with a label key, annotation key or finalizer: a name, or `<subdomain>/<name>`. */
export function qualifiedNameProblems(value: string): readonly string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a valid label key ${keyRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  return [
    ...(prefix === undefined ? [] : prefixProblems(prefix)),
    ...unless(name !== '', 'name part must be non-empty'),
    ...tooLong(name, 63, 'bytes').map((problem) => `name part ${problem}`),
    ...unless(isKeyName.test(name), `name part ${keyRule}`),
  ]
}

const keyRule = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${KEY_NAME}')`

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return [
    ...tooLong(prefix, 253, 'bytes'),
    ...subdomainProblems(prefix).filter((problem) => !problem.startsWith('must be no more than')),
  ].map((problem) => `prefix part ${problem}`)
}

/** What is wrong with the value of a label. */
export function labelValueProblems(value: string): readonly string[] {
  return [
    ...tooLong(value, 63, 'bytes'),
    ...unless(
      isLabelValue.test(value),
      `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`,
    ),
  ]
}

/** What is wrong with a name that is one segment of a path. */
export function pathSegmentProblems(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((sign) => value.includes(sign)).map((sign) => `may not contain '${sign}'`)
}

/** What is wrong with the name of an object of a kind. A generated name's prefix may end with a dash. */
export function nameProblems(rule: NameRule, value: string, isPrefix: boolean): readonly string[] {
  const checked = isPrefix && value.endsWith('-') && rule !== 'path' ? `${value.slice(0, -1)}a` : value
  switch (rule) {
    case 'subdomain':
      return subdomainProblems(checked)
    case 'label':
      return labelProblems(checked)
    case 'label1035':
      return label1035Problems(checked)
    case 'path':
      return pathSegmentProblems(checked)
  }
}

function tooLong(value: string, max: number, unit: 'characters' | 'bytes'): readonly string[] {
  return unless(value.length <= max, `must be no more than ${max} ${unit}`)
}

function unless(holds: boolean, words: string): readonly string[] {
  return holds ? [] : [words]
}
