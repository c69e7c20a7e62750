/** What a template may hold, so that no value can become markup. */
import Handlebars from 'handlebars'

class Visitor extends Handlebars.Visitor {
  readonly faults: string[] = []
  readonly #known: readonly string[]
  #text = ''

  constructor(known: readonly string[]) {
    super()
    this.#known = known
  }

  override ContentStatement(node: hbs.AST.ContentStatement): void {
    this.#text = `${this.#text}${node.value}`.slice(-2000)
  }

  override MustacheStatement(node: hbs.AST.MustacheStatement): void {
    if (!node.escaped) this.#fault(node, 'writes a value without escaping it')
    this.#place(node)
    this.#call(node)
    super.MustacheStatement(node)
    this.#text += 'x'
  }

  override BlockStatement(node: hbs.AST.BlockStatement): void {
    this.#call(node)
    super.BlockStatement(node)
  }

  override SubExpression(node: hbs.AST.SubExpression): void {
    this.#call(node)
    super.SubExpression(node)
  }

  override PartialStatement(node: hbs.AST.PartialStatement): void {
    if (node.name.type !== 'PathExpression') {
      this.#fault(node, 'includes a part whose name is computed')
    }
  }

  override DecoratorBlock(node: hbs.AST.DecoratorBlock): void {
    this.#fault(node, 'has a decorator')
  }

  override Decorator(node: hbs.AST.Decorator): void {
    this.#fault(node, 'has a decorator')
  }

  /** Escaping is enough in text and in quoted attributes, nowhere else. */
  #place(node: hbs.AST.MustacheStatement): void {
    const text = this.#text
    const tag = text.slice(text.lastIndexOf('<') + 1)
    const isInTag = text.lastIndexOf('<') > text.lastIndexOf('>')
    if (/<(script|style)\b[^>]*>[^<]*$/i.test(text)) {
      this.#fault(node, 'writes a value into a script or a style')
    }
    if (!isInTag) return
    const attribute = /([\w-]+)=(["'])(?:(?!\2).)*$/s.exec(tag)
    if (attribute === null) {
      this.#fault(node, 'writes a value into a tag outside of quotes')
      return
    }
    const [whole, name = ''] = attribute
    if (/^on|^style$/i.test(name)) {
      this.#fault(node, `writes a value into ${name}`)
    }
    const begins = /=["']$/.test(whole)
    const isAddress = /^(href|src|srcset|action|formaction)$/i.test(name)
    if (isAddress && begins && named(node) !== 'path') {
      this.#fault(node, `begins ${name} by something else than {{path …}}`)
    }
    if (isAddress && !['path', 'encode', 'encoded'].includes(named(node))) {
      this.#fault(node, `writes a value into ${name} without {{encode …}}`)
    }
  }

  #call(node: Call): void {
    const isCall = node.params.length > 0 || node.type !== 'MustacheStatement'
    const name = named(node)
    const isBare = !isCall && name !== 'body' && this.#known.includes(name)
    if (isBare) this.#fault(node, `writes ${name}, which is a helper here`)
    if (isCall && !this.#known.includes(name)) {
      this.#fault(node, `calls ${name}, which is no helper here`)
    }
  }

  #fault(node: hbs.AST.Node, text: string): void {
    this.faults.push(`line ${node.loc.start.line} ${text}`)
  }
}

type Call =
  | hbs.AST.MustacheStatement
  | hbs.AST.BlockStatement
  | hbs.AST.SubExpression

function named({ path }: Call): string {
  return path.type === 'PathExpression' && 'original' in path
    ? path.original
    : ''
}

/** Throws where a template could write a value as anything but text. */
export function lintTemplate(
  name: string,
  text: string,
  known: readonly string[],
): void {
  const visitor = new Visitor(known)
  visitor.accept(Handlebars.parse(text))
  const [fault] = visitor.faults
  if (fault !== undefined) throw new Error(`${name}.hbs: ${fault}.`)
}
