import type { Currency } from '../money.ts'

export type DemoShop = {
  slug: string
  name: string
  tagline: string
  currency: Currency
  accountId: string
  supportEmail: string
  timeZone: string
  products: DemoProduct[]
}

/** The picture is `public/images/SHOP/PRODUCT.svg`. */
export type DemoProduct = {
  slug: string
  name: string
  description: string
  priceCents: number
  imageAlt: string
}

const pottery: DemoProduct[] = [
  {
    slug: 'blue-mug',
    name: 'Blue mug',
    description:
      'A stoneware mug for a big coffee: 350 ml, with a handle that takes three fingers. Glazed ' +
      'inside and out, bare clay at the foot. The blue pools a little differently on each.',
    priceCents: 2_400,
    imageAlt: 'A blue mug with an unglazed foot, filled with coffee',
  },
  {
    slug: 'speckled-bowl',
    name: 'Speckled bowl',
    description:
      'For soup, cereal or a small salad. 16 cm across, in a pale glaze that lets the iron specks ' +
      'of the clay show through. Stacks well, and goes into the dishwasher.',
    priceCents: 2_800,
    imageAlt: 'A cream bowl with dark specks',
  },
  {
    slug: 'dinner-plate',
    name: 'Dinner plate',
    description:
      'A flat 27 cm plate with a rim of bare clay. Heavy enough to stay warm, light enough to ' +
      'carry three. Knives leave no marks on the glaze.',
    priceCents: 3_200,
    imageAlt: 'A cream plate with a brown rim, seen from above',
  },
  {
    slug: 'round-teapot',
    name: 'Round teapot',
    description:
      'Holds 900 ml, four cups. The spout is cut sharp so that it does not drip, and the lid ' +
      'stays on while you pour. Comes with a steel basket for loose leaves.',
    priceCents: 6_800,
    imageAlt: 'A round sage-green teapot with a brown knob on its lid',
  },
  {
    slug: 'tall-vase',
    name: 'Tall vase',
    description:
      'A matt black bottle, 26 cm high with a narrow neck, so that a few dry stems stand upright. ' +
      'Watertight. The stems in the picture are not included.',
    priceCents: 5_400,
    imageAlt: 'A black vase with four dried yellow stems',
  },
  {
    slug: 'butter-dish',
    name: 'Butter dish',
    description:
      'Takes a standard stick of butter and keeps it soft but covered. The lid is deep enough to ' +
      'lift without touching what is inside.',
    priceCents: 4_200,
    imageAlt: 'A blue covered dish on a sand-coloured tray',
  },
  {
    slug: 'egg-cup',
    name: 'Egg cup',
    description:
      'A small footed cup with a blue band. Fits medium and large eggs. Sold singly, because ' +
      'families come in all sizes. Egg not included.',
    priceCents: 1_150,
    imageAlt: 'A white egg cup with a blue band, holding a brown egg',
  },
  {
    slug: 'herb-planter',
    name: 'Herb planter',
    description:
      'An unglazed terracotta pot, 14 cm across, with a drain hole and a saucer. The clay ' +
      'breathes, which basil likes. Sold without the plant.',
    priceCents: 3_600,
    imageAlt: 'A terracotta pot with a leafy green plant',
  },
  {
    slug: 'serving-platter',
    name: 'Serving platter',
    description:
      'An oval platter of 38 by 24 cm in our blue glaze, with a low rim that keeps the juices ' +
      'where they belong. Safe in an oven up to 180 °C.',
    priceCents: 5_800,
    imageAlt: 'An oval blue platter with a sand-coloured edge',
  },
]

const paper: DemoProduct[] = [
  {
    slug: 'dotted-notebook',
    name: 'Dotted notebook',
    description:
      '160 numbered pages with a light grey dot every 5 mm. The binding is sewn, so it lies flat ' +
      'from the first page. Fountain pens do not bleed through.',
    priceCents: 1_800,
    imageAlt: 'A dark blue notebook with a white label and a red elastic band',
  },
  {
    slug: 'fountain-pen',
    name: 'Fountain pen',
    description:
      'An everyday pen in forest green with a medium steel nib. Takes standard cartridges, or the ' +
      'converter that comes with it. Every nib is tried before it leaves.',
    priceCents: 6_400,
    imageAlt: 'A green fountain pen with a golden nib and clip',
  },
  {
    slug: 'lake-blue-ink',
    name: 'Lake blue ink',
    description:
      'A 50 ml bottle of quick-drying ink, somewhere between blue and green. Washes out of most ' +
      'fabrics. For fountain and dip pens.',
    priceCents: 2_250,
    imageAlt: 'A glass bottle of blue ink with a black cap',
  },
  {
    slug: 'pencil-set',
    name: 'Pencils, set of six',
    description:
      'Six cedar pencils, all HB, each in another colour. They come sharpened, in a cardboard box ' +
      'that stands on a desk.',
    priceCents: 1_400,
    imageAlt: 'Six coloured pencils standing in a white box',
  },
  {
    slug: 'letter-set',
    name: 'Letter set',
    description:
      'Twenty sheets and ten envelopes of laid paper, with a sheet of seals. The envelopes fit the ' +
      'paper folded once, and go at the ordinary letter rate.',
    priceCents: 1_975,
    imageAlt: 'A letter above a pale green envelope with a red seal',
  },
  {
    slug: 'wall-calendar',
    name: 'Wall calendar',
    description:
      'Twelve landscapes and a large grid with room to write. Starts in January; holidays of ' +
      'Canada are marked. Hangs from a wooden bar.',
    priceCents: 2_900,
    imageAlt: 'A calendar with a picture of mountains by a lake',
  },
  {
    slug: 'paper-tape',
    name: 'Paper tape, three rolls',
    description:
      'Three rolls of 10 m each, 15 mm wide, in mustard, pine and brick. Tears by hand, comes off ' +
      'walls and pages without a trace, and can be written on.',
    priceCents: 1_225,
    imageAlt: 'Three rolls of tape in yellow, green and red',
  },
  {
    slug: 'desk-pad',
    name: 'Desk pad',
    description:
      '52 undated weeks on a pad of 42 by 30 cm. Tear off the week that is over. Sturdy card at ' +
      'the back keeps it where you put it.',
    priceCents: 2_400,
    imageAlt: 'A weekly planner pad with a yellow pencil on it',
  },
  {
    slug: 'thank-you-cards',
    name: 'Thank-you cards, box of eight',
    description:
      'Eight folded cards in three designs, printed by letterpress, blank inside. With envelopes, ' +
      'in a box that is worth keeping.',
    priceCents: 2_100,
    imageAlt: 'A blue box of cards, the front one with a red heart',
  },
]

/** Two shops that do not exist, to try the checkout with: one for each currency. */
export const DEMO_SHOPS: DemoShop[] = [
  {
    slug: 'fernhill-pottery',
    name: 'Fernhill Pottery',
    tagline: 'Stoneware for the everyday table, thrown and glazed in small batches.',
    currency: 'usd',
    accountId: 'acc_demoFernhillPottery',
    supportEmail: 'hello@fernhill-pottery.example',
    timeZone: 'America/New_York',
    products: pottery,
  },
  {
    slug: 'northline-paper',
    name: 'Northline Paper',
    tagline: 'Notebooks, ink and letters for people who still write by hand.',
    currency: 'cad',
    accountId: 'acc_demoNorthlinePaper',
    supportEmail: 'help@northline-paper.example',
    timeZone: 'America/Toronto',
    products: paper,
  },
]
