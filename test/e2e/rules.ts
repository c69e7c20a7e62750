/** Rules that the end-to-end tests share. */
export const rules = `
services:
  people:
    type: dedupe
    match:
      - same: [email]
      - same: [phone, last_name]
      - same: [first_name, last_name, company]
    never:
      - differ: sfdcAccountId
    winner: [crm_contact, crm_lead, { highest: leadScore }, { oldest: createdAt }, { lowest: id }]
    survive:
      phone: most_recent
      leadScore: max
      leadSource: oldest
    stamp: { duplicateCount: count, mergedIds: ids }
  hash:
    type: hash
    write: { emailSha256: { algorithm: sha256, profile: google } }
  domain:
    type: domain
    write: { emailDomain: domain, emailDomainType: type }
load:
  apply: auto
  guardrails: { merges: 100000, merge_share: 90%, updates: 1000000, cluster_size: 25 }
`
