/**
 * Words that say nothing about who somebody is, or that people write in
 * several ways. All of them in the folded form of fold.ts.
 */

function list(text: string): string[] {
  return text.trim().split(/\s+/)
}

/** Before a name. */
export const titleWords = list(`
  mr mrs ms miss mx dr prof professor sir madam herr frau dipl ing mag
  monsieur madame mme mlle mademoiselle sr sra srta senor senora senorita
  sig signor signora dott dottssa dhr mevr mevrouw rev reverend hon capt pan
  pani gospodin gospozha`)

/** After a name. */
export const degreeWords = list(`
  phd md mba cpa esq esquire dds dmd dvm rn cfa pmp jd llm msc bsc ret cissp
  pharmd edd mph dphil meng beng`)

/** What tells a son from his father, and how it is written. */
export const suffixWords: Readonly<Record<string, string>> = {
  jr: 'jr',
  jnr: 'jr',
  junior: 'jr',
  sr: 'sr',
  snr: 'sr',
  senior: 'sr',
  ii: 'ii',
  '2nd': 'ii',
  iii: 'iii',
  '3rd': 'iii',
  iv: 'iv',
  '4th': 'iv',
}

/** Small words inside surnames, which forms and people leave out. */
export const particleWords = list(`
  van von vom zu zum zur der den dem de del della dello dei degli delle di da
  das dos do du des la las le les lo los al el ul as bin ibn bint abu ter ten
  te t y e af av`)

/** Beginnings of surnames that are often split off: O Neill, Mc Donald. */
export const beginningWords = list('o mc mac d l')

/** Particles that are written together with the name: DeLuca, VanDyke. */
export const gluedParticles = list(`
  Van Vanden Vander Von De Del Della Di Da Dos Du La Le Al El`)

/** Between words of a company's name. */
export const conjunctionWords = list('and und et y e i en og och the')

/**
 * Legal forms of companies, as they stand after folding, where dots between
 * single letters are gone. Several words before the single ones.
 */
export const legalForms = [
  ...`gmbh co kg,gmbh co kgaa,gmbh co ohg,ag co kg,ug haftungsbeschrankt co kg,
  ug haftungsbeschrankt,sp z oo,sp zoo,sp j,sp k,spolka z oo,spolka akcyjna,
  sa de cv,s de rl de cv,s de rl,sapi de cv,co ltd,company limited,
  private limited,pvt ltd,pte ltd,pty ltd,proprietary limited,sdn bhd,
  ltd sti,a s,k k,kabushiki kaisha,godo kaisha,yugen kaisha,
  besloten vennootschap,naamloze vennootschap,societe anonyme,
  sociedad anonima,sociedad limitada,societa per azioni,
  limited liability company,limited partnership,public limited company`
    .split(',')
    .map((form) => form.trim().replaceAll(/\s+/g, ' ')),
  ...list(`
  inc incorporated corp corporation co company llc llp lp lllp ltd limited plc
  pllc gmbh ggmbh ag kg kgaa ohg ug mbh ev eg gbr ek se sa sas sasu sarl eurl
  sci snc scop sl slu sau slp srl srls spa sapa lda ltda eireli epp bv nv vof
  cv bvba sprl srlu ab hb asa as ans aps oy oyj ky hf ehf sro spj spk spzoo
  kft zrt nyrt bt ooo oao zao pao ao ip tov kk yk gk pvt private pte sdn bhd
  pty sti bm rl sagl ou uab sia ood eood ead ad doo dd ae epe tbk pt cic cio
  gesmbh ltee בעמ شركة شركه مؤسسة 公司`),
]

/** Legal forms that stand in front: OOO Romashka, PT Telkom, AB Volvo. */
export const leadingForms = list(
  'ooo oao zao pao ip tov pt ab sc uab شركة شركه مؤسسة',
)

/** Of companies in scripts without spaces. */
export const joinedForms = list(`
  株式会社 有限会社 合同会社 股份有限公司 有限责任公司 有限公司 주식회사`)

/** What people without a company write there, without spaces. */
export const companyGaps = list(`
  self selfemployed freelance freelancer freelanceconsultant independent
  individual private privat privado personal particulier prive home me myself
  student retired unemployed selbststandig freiberufler freiberuflich
  independant autonomo company mycompany yourcompany companyname`)

/** Kinds of streets: what they become, and what is written for it. */
export const streetWords: Readonly<Record<string, string>> = Object.fromEntries(
  `st: street str strasse stra, ave: avenue av aven, rd: road, blvd: boulevard
  boul bd bvd, ln: lane, dr: drive drv, ct: court crt, cres: crescent cr crsc,
  pl: place plc, sq: square, ter: terrace terr tce, pkwy: parkway pky,
  hwy: highway hway, cir: circle circ, trl: trail, cl: close, gr: grove gro,
  gdns: gardens gdn, xing: crossing, aly: alley, wy: way, expy: expressway,
  fwy: freeway, pde: parade, espl: esplanade, ctr: center centre cntr,
  bldg: building, n: north, s: south, e: east, w: west, ne: northeast,
  nw: northwest, se: southeast, sw: southwest, mt: mount, ft: fort,
  fl: floor flr, all: allee, c: calle, avda: avenida, pza: plaza, r: rue rua,
  v: via, ctra: carretera, ul: ulitsa ulica, pr: prospekt prospect`
    .split(',')
    .flatMap((entry) => {
      const [short = '', long = ''] = entry.split(':')
      return list(long).map((word) => [word, short.trim()])
    }),
)

/** Before the number of a flat or a suite. */
export const unitWords = list(`
  apt apartment unit suite ste flat room rm appt appartement`)
