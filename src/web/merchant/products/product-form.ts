import { maskCardNumbers } from '../../../card-numbers.ts'
import type { ManagedProduct } from '../../../catalog/managed-products.ts'
import {
  type ImageProblem,
  imageProblem,
  MAX_IMAGE_PIXELS,
} from '../../../catalog/product-images.ts'
import { parseMoney, plainMoney } from '../../../money.ts'
import { wordsFor } from '../../../words/words.ts'
import { versionIn } from '../../form-fields.ts'
import { MAX_NAME_LENGTH, readField } from '../../shop/contact-form.ts'

export const MAX_DESCRIPTION_LENGTH = 4_000
export const MAX_ALT_LENGTH = 200
const MAX_STOCK = 1_000_000

/** A form as it was typed: what cannot be taken is shown again with its problem. */
export type ProductForm = {
  name: string
  description: string
  price: string
  stock: string
  /** The stock that the form showed, as text. */
  stockSeen: string
  imageAlt: string
  removeImage: boolean
  version: number
  problems: ProductProblems
}
export type ProductProblems = {
  [Field in 'name' | 'description' | 'price' | 'stock' | 'picture' | 'image_alt']?: string
}

export const EMPTY_FORM: ProductForm = {
  name: '',
  description: '',
  price: '',
  stock: '',
  stockSeen: '',
  imageAlt: '',
  removeImage: false,
  version: 0,
  problems: {},
}

export function formOf(product: ManagedProduct): ProductForm {
  const stock = product.counted === null ? '' : String(product.counted)
  return {
    ...EMPTY_FORM,
    name: product.name,
    description: product.description,
    price: plainMoney(product.priceCents),
    stock,
    stockSeen: stock,
    imageAlt: product.image?.alt ?? '',
    version: product.version,
  }
}

/**
 * Reads and checks the form.
 *
 * @param picture the one that was sent with it
 * @param hasImage whether the product has one already
 */
export function readProduct(
  fields: Record<string, string>,
  given: {
    language: string
    picture: Uint8Array | undefined
    pictureTooLarge: boolean
    hasImage: boolean
  },
): ProductForm {
  const { picture, pictureTooLarge, hasImage } = given
  const said = wordsFor(given.language).deskProducts.form.problems
  const name = readField(fields.name, MAX_NAME_LENGTH)
  const alt = readField(fields.image_alt, MAX_ALT_LENGTH)
  const description = readText(fields.description ?? '')
  const { price = '', stock = '', stock_seen: stockSeen = '' } = fields
  const removeImage = fields.remove_image === 'yes'
  const cents = parseMoney(price)
  const imageTrouble = pictureTooLarge ? 'size' : picture && imageProblem(picture)
  const willHaveImage = picture !== undefined || (hasImage && !removeImage)

  const nameTexts = {
    missing: said.noName,
    too_long: said.longName(MAX_NAME_LENGTH),
    wrong: said.wrongName,
  }
  const altTexts = {
    missing: willHaveImage ? said.noAlt : undefined,
    too_long: said.longAlt(MAX_ALT_LENGTH),
    wrong: said.wrongAlt,
  }
  const imageTexts: Record<ImageProblem, string> = {
    kind: said.imageKind,
    size: said.imageSize,
    dimensions: said.imageDimensions(MAX_IMAGE_PIXELS),
  }
  const problems = withoutUndefined({
    name: name.problem && nameTexts[name.problem],
    description: descriptionProblem(description, said),
    price: cents === undefined ? said.wrongPrice : cents === 0 ? said.lowPrice : undefined,
    stock: isStock(stock) ? undefined : said.wrongStock,
    picture: imageTrouble && imageTexts[imageTrouble],
    image_alt: alt.problem && altTexts[alt.problem],
  })
  // A browser does not send a file twice by itself.
  const isLost = picture !== undefined && !imageTrouble && Object.keys(problems).length > 0

  return {
    name: maskCardNumbers(wholeOf(name, fields.name)),
    description: maskCardNumbers(description.text),
    price: price.trim().slice(0, 20),
    stock: stock.trim().slice(0, 20),
    stockSeen: isStock(stockSeen) ? stockSeen : '',
    imageAlt: maskCardNumbers(wholeOf(alt, fields.image_alt)),
    removeImage,
    version: versionIn(fields),
    problems: isLost ? { ...problems, picture: said.imageAgain } : problems,
  }
}

/** What a field for a stock says: null where the pieces are not counted. */
export function stockIn(text: string): number | null {
  return text.trim() === '' ? null : Number(text)
}

/** Below zero is what the shop owes: it may be sent back as it was shown. */
function isStock(text: string): boolean {
  return /^(-?\d{1,7})?$/.test(text.trim()) && Math.abs(Number(text)) <= MAX_STOCK
}

/** What was typed in one line, also where it is too long: it is shown again as it was. */
function wholeOf(read: ReturnType<typeof readField>, typed = ''): string {
  return read.problem === 'too_long' ? typed.toWellFormed() : read.value
}

type Described = { text: string; tooLong: boolean; wrong: boolean }

/**
 * Some lines of text, with nothing in them that could act on what is around. What is too long stays
 * whole, to be shortened by whoever typed it.
 */
function readText(given: string): Described {
  const text = given.toWellFormed().normalize('NFC')
  const lines = text.replaceAll('\r\n', '\n').trim()
  const inert = lines.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, '')
  return {
    text: inert,
    tooLong: lines.length > MAX_DESCRIPTION_LENGTH,
    wrong: inert !== lines,
  }
}

function descriptionProblem(
  { tooLong, wrong }: Described,
  said: { longDescription: (most: number) => string; wrongDescription: string },
): string | undefined {
  if (tooLong) return said.longDescription(MAX_DESCRIPTION_LENGTH)
  return wrong ? said.wrongDescription : undefined
}

function withoutUndefined(problems: Record<string, string | undefined>): ProductProblems {
  return Object.fromEntries(Object.entries(problems).filter(([, text]) => text !== undefined))
}
