import { sameAnswer, type Answer } from '../../../src/dns/records.ts'
import { isLaterSerial } from '../../../src/dns/serial.ts'
import { answerOf } from '../answer-maker.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

/** Pairs of answers: they are the same exactly when they read the same. */
export function answersTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'answers',
    share: 20,
    deep: () => deep,
    run(random: Random) {
      const left = answerOf(random)
      const right = random.once(3) ? structuredClone(left) : answerOf(random)
      const shown = `${textOf(left)} ${textOf(right)}`
      faultless(shown, () => {
        deep += 1
        const same = textOf(left) === textOf(right)
        if (sameAnswer(left, right) !== same || sameAnswer(right, left) !== same)
          throw new FuzzFault(`the same: ${!same}`, shown)
        const [one, other] = [random.below(2 ** 32), random.below(2 ** 32)]
        if (isLaterSerial(one, other) && isLaterSerial(other, one))
          throw new FuzzFault('both later', `${one} ${other}`)
      })
    },
  }
}

function textOf(answer: Answer | undefined): string {
  return (
    JSON.stringify(answer, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value,
    ) ?? ''
  )
}
