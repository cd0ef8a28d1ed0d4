import { describe, expect, it } from '@jest/globals'
import { createLinkTokens, hashLinkToken, LINK_TOKEN } from '../src/orders/link-token.ts'

const OLD = 'old secret of thirty-two characters'
const NEW = 'new secret of thirty-two characters'

describe('the token of an order’s link', () => {
  it('A01: holds 256 random bits, is found by its hash, and can be had again', () => {
    const tokens = createLinkTokens([NEW])
    const issued = Array.from({ length: 100 }, () => tokens.issue())

    expect(new Set(issued.map(({ token }) => token)).size).toBe(100)
    for (const { token, hash, sealed } of issued) {
      expect(token).toMatch(LINK_TOKEN)
      expect(Buffer.from(token, 'base64url')).toHaveLength(32)
      expect(hash).toBe(hashLinkToken(token))
      expect(tokens.unseal(sealed)).toBe(token)
    }
  })

  it('A01: is not stored in clear', () => {
    const { token, hash, sealed } = createLinkTokens([NEW]).issue()
    const stored = `${hash} ${sealed} ${Buffer.from(sealed, 'base64url').toString('latin1')}`
    expect(stored).not.toContain(token)
  })

  it('outlives the replacement of the secret, as long as both are known', () => {
    const { token, sealed } = createLinkTokens([OLD]).issue()
    expect(createLinkTokens([NEW, OLD]).unseal(sealed)).toBe(token)
    expect(() => createLinkTokens([NEW]).unseal(sealed)).toThrow(/no session secret/)
  })

  it('cannot be made out of a sealed copy that was changed', () => {
    const tokens = createLinkTokens([NEW])
    const sealed = Buffer.from(tokens.issue().sealed, 'base64url')
    for (const index of sealed.keys()) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
      expect(() => tokens.unseal(changed.toString('base64url'))).toThrow()
    }
    expect(() => tokens.unseal('')).toThrow()
  })
})
