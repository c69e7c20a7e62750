/** Handlebars' syntax tree, told apart by type. */
import { type Location, locationIn, type Template } from './template-error.js'

interface Nodes {
  readonly ContentStatement: hbs.AST.ContentStatement
  readonly CommentStatement: hbs.AST.CommentStatement
  readonly MustacheStatement: hbs.AST.MustacheStatement
  readonly BlockStatement: hbs.AST.BlockStatement
  readonly SubExpression: hbs.AST.SubExpression
  readonly PathExpression: hbs.AST.PathExpression
  readonly StringLiteral: hbs.AST.StringLiteral
}

export function is<Type extends keyof Nodes>(
  node: hbs.AST.Node,
  type: Type,
): node is Nodes[Type] {
  return node.type === type
}

export type CallNode = hbs.AST.MustacheStatement | hbs.AST.SubExpression

export const blocks = ['each', 'if', 'unless', 'with'] as const
export type Block = (typeof blocks)[number]

export function isBlock(name: string | null): name is Block {
  return blocks.some((each) => each === name)
}

export function locate(template: Template, node: hbs.AST.Node): Location {
  const { line, column } = node.loc.start
  return locationIn(template, line, column)
}

/** The name of a helper or block; null for a path, which cannot be called. */
export function calledName(path: hbs.AST.Node): string | null {
  if (!is(path, 'PathExpression')) return null
  const [name] = path.parts
  const simple = path.depth === 0 && !path.data && path.parts.length === 1
  return simple && path.original === name ? name : null
}

/** `key=value` of a call; the parser leaves it out where there is none. */
export function pairs(node: {
  readonly hash?: hbs.AST.Hash
}): readonly hbs.AST.HashPair[] {
  return node.hash?.pairs ?? []
}

/** `{{name}}` is a value, `{{name argument}}` a call. */
export function isCall(node: hbs.AST.MustacheStatement): boolean {
  return node.params.length > 0 || pairs(node).length > 0
}
