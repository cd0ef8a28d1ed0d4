import type { Request, RequestHandler } from 'express'
import multer from 'multer'
import { MAX_IMAGE_BYTES } from '../../../catalog/product-images.ts'
import { BadRequestError } from '../../../errors.ts'
import { FormTooLargeError } from '../../form-fields.ts'

declare global {
  namespace Express {
    interface Locals {
      /** The picture of the form was larger than is taken, and was not kept. */
      pictureTooLarge?: boolean
    }
  }
}

/** A photograph straight from a telephone is told to be too large; what is larger is not read. */
const MAX_BODY_BYTES = 20 * 1024 * 1024

/** Far more than any field takes: a text that is too long comes back to be shortened. */
const MAX_FIELD_BYTES = 256 * 1024

const read = multer({
  storage: multer.memoryStorage(),
  limits: {
    fileSize: MAX_IMAGE_BYTES,
    files: 1,
    fields: 20,
    fieldSize: MAX_FIELD_BYTES,
    fieldNameSize: 60,
    parts: 24,
  },
}).single('picture')

/**
 * Reads a form with a picture. What it cannot read is the request's fault, whatever the parser calls
 * it: nothing else is done here. The picture comes last, so what precedes it is read in
 * any case.
 */
export const productBody: RequestHandler = (req, res, next) => {
  const length = Number(req.headers['content-length'])
  if (!(length <= MAX_BODY_BYTES)) throw new FormTooLargeError('the form announces too much')

  read(req, res, (error: unknown) => {
    if (!error) return next()
    if (!(error instanceof multer.MulterError)) {
      return next(new BadRequestError('the upload cannot be read', { cause: error }))
    }
    if (error.code !== 'LIMIT_FILE_SIZE') return next(new FormTooLargeError(error.code))
    res.locals.pictureTooLarge = true
    next()
  })
}

/** The bytes of the picture that was sent; undefined where none was chosen. */
export function pictureOf(req: Request): Uint8Array | undefined {
  const { file } = req
  return file && file.size > 0 ? file.buffer : undefined
}
