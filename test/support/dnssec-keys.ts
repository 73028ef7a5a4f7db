import { readZoneKey, type ZoneKey } from '../../src/dns/dnssec/key-file.ts'

/** A key made by dnssec-keygen 9.18 for these tests, and what dnssec-dsfromkey says of it. */
export interface TestKey {
  readonly file: string
  readonly publicText: string
  readonly privateText: string
  readonly tag: number
  readonly ds: { readonly sha256: string; readonly sha384: string }
}

export const KSK: TestKey = {
  file: 'Ksigned.test.+013+54707',
  publicText: `; This is a key-signing key, keyid 54707, for signed.test.
; Created: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Publish: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Activate: 20261121073000 (Sat Nov 21 07:30:00 2026)
signed.test. IN DNSKEY 257 3 13 cckllApwEc3CLlZKiSOfZUyidBvZrc1hgejWlKuLX2hp3rFUn5Xhp8n1 ex7Zwkj2CwnZwDiPwa9CPXfAJztNSg==
`,
  privateText: `Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: +yGmWRecytkaYCJPT/kMIS856/2rB9b1SFtDUkiHQJA=
Created: 20261121073000
Publish: 20261121073000
Activate: 20261121073000
`,
  tag: 54707,
  ds: {
    sha256: '01B580A40A54916619BF753382E846EB1F712C7174358EB9FA100FF62AFC7778',
    sha384:
      '98E770016E7C0A99F4760EA09431D33FDD21B1F7C89AF5865329C9DA5653A7D6CDF6A3B8EFD1E304EAB2A2411BB32E9B',
  },
}

export const ZSK: TestKey = {
  file: 'Ksigned.test.+013+35965',
  publicText: `; This is a zone-signing key, keyid 35965, for signed.test.
; Created: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Publish: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Activate: 20261121073000 (Sat Nov 21 07:30:00 2026)
signed.test. IN DNSKEY 256 3 13 MzjNp4GWA5EpJqqgFyDy1sR8u5vTzlY4IcoKGisg91lt6BFFYFXf2xWe OD6feB2JMJaxLTKPheLnEGeg4C+Y2Q==
`,
  privateText: `Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: RMKRc4pHQXFr9OBjSaKdcyzPnJzDaGneTMhYno3ODfI=
Created: 20261121073000
Publish: 20261121073000
Activate: 20261121073000
`,
  tag: 35965,
  ds: {
    sha256: 'E43CB122AEA2A82BD6F0B90FF13F5348EE1C53A1D6F81481BC7544FD072F3733',
    sha384:
      '0FF6AD421161DA1AA24B22C9E2986378FFECBC9A4171DA0335CAB494CF05FFE64C7745E0C5D6D0DEC0757DE74067E504',
  },
}

export const NEXT_ZSK: TestKey = {
  file: 'Ksigned.test.+013+31670',
  publicText: `; This is a zone-signing key, keyid 31670, for signed.test.
; Created: 20261121073109 (Sat Nov 21 07:31:09 2026)
; Publish: 20261121073109 (Sat Nov 21 07:31:09 2026)
; Activate: 20261122073109 (Sun Nov 22 07:31:09 2026)
; Inactive: 20261221073109 (Mon Dec 21 07:31:09 2026)
; Delete: 20261231073109 (Thu Dec 31 07:31:09 2026)
signed.test. 600 IN DNSKEY 256 3 13 aVcQZDqosP0ipuBUEg8pNa+h6lrJug2vF/+GRAqF/s52Gv+WLdw/py3I VGsyvaX5Z1q8HdLu0NLpJFCi0Aqr3w==
`,
  privateText: `Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: R79tZ/+sv9PphbhE2AaXIGKDbqvtfyOJx9AivU9zxzo=
Created: 20261121073109
Publish: 20261121073109
Activate: 20261122073109
Inactive: 20261221073109
Delete: 20261231073109
`,
  tag: 31670,
  ds: {
    sha256: '1EBBADB4BEBF5298C85B17C132FC9AF0BD99000FC6E420388096C7F02FE2DB77',
    sha384:
      'B489A0AA8D727A0A51B0DA6CF681F3D75BFCB51FC108463FDB33B0A9DC4140F4C2C746234875004CD5F49CD83786A01B',
  },
}

export const EDWARDS: TestKey = {
  file: 'Ksigned.test.+015+08361',
  publicText: `; This is a zone-signing key, keyid 8361, for signed.test.
; Created: 20261121073108 (Sat Nov 21 07:31:08 2026)
; Publish: 20261121073108 (Sat Nov 21 07:31:08 2026)
; Activate: 20261121073108 (Sat Nov 21 07:31:08 2026)
signed.test. IN DNSKEY 256 3 15 MBI4Thc4+ChEqaL0YAV+MBYhQqFk0Mnn6Xd6ySRSzvY=
`,
  privateText: `Private-key-format: v1.3
Algorithm: 15 (ED25519)
PrivateKey: dxhe9+Of90qmDReXlLI7VWwR/+8trciVcv4JCMWMbKg=
Created: 20261121073108
Publish: 20261121073108
Activate: 20261121073108
`,
  tag: 8361,
  ds: {
    sha256: '6101D089D7EC27D608B4078BCB3F7F36A99BA9008092821917A1A71F9393B9DA',
    sha384:
      'D8F13F40E78484B9DD60575289D83C53FBA81554A89A058BDAC464876B0095F384691D15A5913AF2A0DEA053E9C44818',
  },
}

export const CHILD: TestKey = {
  file: 'Kchild.signed.test.+015+25978',
  publicText: `; This is a key-signing key, keyid 25978, for child.signed.test.
; Created: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Publish: 20261121073000 (Sat Nov 21 07:30:00 2026)
; Activate: 20261121073000 (Sat Nov 21 07:30:00 2026)
child.signed.test. IN DNSKEY 257 3 15 fzU2q/eV3qSU8erY1ofS+vFenH6l7pSKDcl71o/lyiU=
`,
  privateText: `Private-key-format: v1.3
Algorithm: 15 (ED25519)
PrivateKey: bhM0PEQBDzMeJVykA2+W+WrOM3vwhxUymif0ohlDVK0=
Created: 20261121073000
Publish: 20261121073000
Activate: 20261121073000
`,
  tag: 25978,
  ds: {
    sha256: 'E86FBE1A1D9FA67D3A8FF3E5292D7B6A5716F3F64FA6BF8EAB315066AED42AA9',
    sha384:
      'BE8F4729B0CF2D3B704AAFD71FB380528AFC6100AE00D5C92094BA0155113FFD65C6E5F184D77BB56039B64F64759D01',
  },
}

export const TEST_KEYS: readonly TestKey[] = [KSK, ZSK, NEXT_ZSK, EDWARDS, CHILD]

/** The key with other times than its file has. */
export function zoneKeyOf({ publicText, privateText }: TestKey, times?: ZoneKey['times']): ZoneKey {
  const key = readZoneKey(publicText, privateText)
  return times === undefined ? key : { ...key, times }
}
