import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the stand-in does at `go build`. */
export interface StandInGo {
  /** Folder to put it in; made when missing. */
  readonly folder: string
  /** Of Go, as `go env GOVERSION` says it. */
  readonly version?: string
  /** Shell lines that the program built for any component consists of. */
  readonly program?: string
  /** Shell lines before it writes that program; `$out` is its path. */
  readonly before?: string
}

/** Put a go command into a folder that builds at once what it is told to. It needs no other program than `/bin/sh` and `/bin/chmod`. */
export function putStandInGo({ folder, version = 'go1.99.0', program = '', before = '' }: StandInGo): void {
  const script = `#!/bin/sh
if [ "$1" = env ]; then echo '${version}'; exit 0; fi
while [ "$1" != -o ]; do shift; done
out=$2
${before}
printf '%s\\n' '#!/bin/sh' '${program}' > "$out"
/bin/chmod 755 "$out"
`
  putProgram(join(folder, 'go'), script)
}

/** Write an executable file, with its folders. */
export function putProgram(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text, { mode: 0o755 })
}
