import { describe, expect, it } from 'vitest'
import {
  compareElements,
  fieldElement,
  isPathElement,
  keyElement,
  shownPath,
  valueElement,
} from '../../../../../src/sandbox/apiserver/fields/element.ts'

describe('path elements', () => {
  it('keys are written in the order of their names', () => {
    expect(keyElement({ protocol: 'TCP', port: 80 })).toBe('k:{"port":80,"protocol":"TCP"}')
  })

  it('are shown as errors of a real server show them', () => {
    const path = [
      fieldElement('spec'),
      fieldElement('ports'),
      keyElement({ port: 80, protocol: 'TCP' }),
      fieldElement('name'),
    ]

    expect(shownPath(path)).toBe('.spec.ports[port=80,protocol="TCP"].name')
    expect(shownPath([fieldElement('tags'), valueElement('a')])).toBe('.tags[="a"]')
    expect(shownPath([fieldElement('list'), 'i:3'])).toBe('.list[3]')
  })

  it('are ordered: itself, fields, keyed items, values, indices; numbers by value', () => {
    const ordered = [
      '.',
      'f:a',
      'f:b',
      'k:{"port":9}',
      'k:{"port":80}',
      'k:{"port":80,"protocol":"TCP"}',
      'k:{"port":80,"protocol":"UDP"}',
      'v:2',
      'v:10',
      'v:"a"',
      'v:true',
      'i:2',
      'i:10',
    ]

    expect(ordered.toReversed().toSorted(compareElements)).toEqual(ordered)
  })

  const cases: readonly { readonly name: string; readonly in: string; readonly want: boolean }[] = [
    { name: 'a field', in: 'f:any thing', want: true },
    { name: 'keys', in: 'k:{"a":1}', want: true },
    { name: 'a value', in: 'v:"x"', want: true },
    { name: 'an index', in: 'i:4', want: true },
    { name: 'itself', in: '.', want: true },
    { name: 'keys that are no object', in: 'k:1', want: false },
    { name: 'keys that are no JSON', in: 'k:{', want: false },
    { name: 'a value that is no JSON', in: 'v:x', want: false },
    { name: 'an index that is no number', in: 'i:x', want: false },
    { name: 'another prefix', in: 'x:a', want: false },
    { name: 'nothing', in: '', want: false },
  ]

  it.each(cases)('$name', ({ in: element, want }) => {
    expect(isPathElement(element)).toBe(want)
  })
})
