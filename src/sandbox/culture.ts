/** How names, numbers and addresses look in one language and country. */
export interface Culture {
  readonly locale: string
  /** Share among the people, relative to the others. */
  readonly weight: number
  readonly country: string
  readonly language: string
  readonly topDomain: string
  /** International number; `#` is a digit, `!` one from 2 to 9. */
  readonly mobile: string
  /** Country calling code and what a national number starts with. */
  readonly calling: string
  readonly trunk: string
  /** `#` is a digit, `A` a letter. */
  readonly postal: string
  readonly companyForms: readonly string[]
  readonly freeDomains: readonly string[]
  readonly numberFirst: boolean
  /** Job titles say what before of what. */
  readonly nounFirst: boolean
  /** Latin spellings, for e-mail, where the script has no simple one. */
  readonly roman?: { readonly first: string; readonly last: string }
}

const world = ['gmail.com', 'outlook.com', 'hotmail.com', 'icloud.com']

function culture(
  locale: string,
  weight: number,
  [country, language, topDomain]: readonly [string, string, string],
  [calling, mobile, trunk]: readonly [string, string, string],
  postal: string,
  companyForms: string,
  freeDomains: string,
  more: Partial<Pick<Culture, 'numberFirst' | 'roman'>> = {},
): Culture {
  return {
    locale,
    weight,
    country,
    language,
    topDomain,
    calling,
    mobile,
    trunk,
    postal,
    companyForms: companyForms.split('|'),
    freeDomains: [...world, ...freeDomains.split(' ').filter(Boolean)],
    numberFirst: false,
    nounFirst: ['fr', 'es', 'it', 'pt', 'vi'].includes(language),
    ...more,
  }
}

const japan = {
  first: 'haruto yuto sota yui aoi hina ren sakura takumi kenta',
  last: 'sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kato',
}
const korea = {
  first: 'minjun seojun jiwoo seoyeon haeun jihoon yuna sujin',
  last: 'kim lee park choi jung kang cho yoon jang lim',
}
const china = {
  first: 'wei fang na min jing lei qiang yan jie tao',
  last: 'wang li zhang liu chen yang zhao huang zhou wu',
}
const arabia = {
  first: 'ahmed mohammed omar khalid fatima aisha layla noor yusuf sara',
  last: 'alharbi alqahtani alotaibi haddad mansour saleh nasser khoury',
}
const israel = {
  first: 'noam david yael tamar avi shira eitan maya',
  last: 'cohen levi mizrahi peretz biton friedman azulay katz',
}

export const cultures: readonly Culture[] = [
  culture(
    'en_US',
    22,
    ['United States', 'en', 'com'],
    ['1', '+1415!######', ''],
    '#####',
    'Inc.|LLC|Corp.|Group',
    'yahoo.com aol.com comcast.net',
    { numberFirst: true },
  ),
  culture(
    'en_GB',
    9,
    ['United Kingdom', 'en', 'co.uk'],
    ['44', '+4477########', '0'],
    'AA# #AA',
    'Ltd|Limited|PLC',
    'yahoo.co.uk btinternet.com',
    { numberFirst: true },
  ),
  culture(
    'de',
    14,
    ['Germany', 'de', 'de'],
    ['49', '+49151########', '0'],
    '#####',
    'GmbH|AG|GmbH & Co. KG|KG',
    'gmx.de web.de t-online.de',
  ),
  culture(
    'fr',
    10,
    ['France', 'fr', 'fr'],
    ['33', '+336########', '0'],
    '#####',
    'SA|SARL|SAS',
    'orange.fr free.fr laposte.net',
    { numberFirst: true },
  ),
  culture(
    'es',
    6,
    ['Spain', 'es', 'es'],
    ['34', '+346########', ''],
    '#####',
    'S.A.|S.L.',
    'telefonica.net',
  ),
  culture(
    'it',
    5,
    ['Italy', 'it', 'it'],
    ['39', '+39347#######', ''],
    '#####',
    'S.p.A.|S.r.l.',
    'libero.it virgilio.it',
  ),
  culture(
    'pt_BR',
    5,
    ['Brazil', 'pt', 'com.br'],
    ['55', '+55119########', ''],
    '#####-###',
    'Ltda.|S.A.',
    'uol.com.br bol.com.br',
  ),
  culture(
    'nl',
    4,
    ['Netherlands', 'nl', 'nl'],
    ['31', '+3161#######', '0'],
    '#### AA',
    'B.V.|N.V.',
    'ziggo.nl kpnmail.nl',
  ),
  culture(
    'pl',
    4,
    ['Poland', 'pl', 'pl'],
    ['48', '+48601######', ''],
    '##-###',
    'Sp. z o.o.|S.A.',
    'wp.pl o2.pl',
  ),
  culture(
    'sv',
    3,
    ['Sweden', 'sv', 'se'],
    ['46', '+4670#######', '0'],
    '### ##',
    'AB',
    'telia.com',
  ),
  culture(
    'cs_CZ',
    2,
    ['Czechia', 'cs', 'cz'],
    ['420', '+420601######', ''],
    '### ##',
    's.r.o.|a.s.',
    'seznam.cz',
  ),
  culture(
    'tr',
    3,
    ['Türkiye', 'tr', 'com.tr'],
    ['90', '+90532#######', '0'],
    '#####',
    'A.Ş.|Ltd. Şti.',
    'mynet.com',
  ),
  culture(
    'el',
    2,
    ['Greece', 'el', 'gr'],
    ['30', '+30694#######', ''],
    '### ##',
    'Α.Ε.|Ε.Π.Ε.',
    'otenet.gr',
  ),
  culture(
    'ru',
    3,
    ['Russia', 'ru', 'ru'],
    ['7', '+7916#######', '8'],
    '######',
    'ООО|АО',
    'mail.ru yandex.ru',
  ),
  culture(
    'ja',
    3,
    ['Japan', 'ja', 'co.jp'],
    ['81', '+8190!#######', '0'],
    '###-####',
    '株式会社|合同会社',
    'yahoo.co.jp docomo.ne.jp',
    { roman: japan },
  ),
  culture(
    'ko',
    2,
    ['South Korea', 'ko', 'co.kr'],
    ['82', '+8210!#######', '0'],
    '#####',
    '주식회사',
    'naver.com daum.net',
    { roman: korea },
  ),
  culture(
    'zh_CN',
    2,
    ['China', 'zh', 'cn'],
    ['86', '+86138########', ''],
    '######',
    '有限公司|股份有限公司',
    'qq.com 163.com',
    { roman: china },
  ),
  culture(
    'ar',
    2,
    ['Saudi Arabia', 'ar', 'sa'],
    ['966', '+96650#######', '0'],
    '#####',
    'شركة',
    'yahoo.com',
    { roman: arabia },
  ),
  culture(
    'he',
    1,
    ['Israel', 'he', 'co.il'],
    ['972', '+97252#######', '0'],
    '#######',
    'בע״מ',
    'walla.co.il',
    { roman: israel },
  ),
  culture(
    'vi',
    1,
    ['Vietnam', 'vi', 'vn'],
    ['84', '+8490#######', '0'],
    '######',
    'JSC|Co., Ltd.',
    'yahoo.com',
  ),
]
