// Package policy answers whether AWS would let a principal do an action on a
// resource, given the policies that apply, and says which statement decided.
//
// It is pure: policy documents and a request go in, a decision and its
// explanation come out. It reads no account, resolves no policy attachment and
// knows no catalogue of actions or condition keys; the caller brings the
// documents and the request context.
//
// What the engine does not know (an operator or element it has never heard of, a
// value that does not parse, a case that AWS documents as "might") makes the
// answer Inconclusive if it could have changed it, never Allow or a deny.
//
// It does not cover KMS grants, S3 access control lists and object ownership, S3
// public access blocks, federated principals or the actions that one API call
// needs in addition.
//
// Source of the rules, cited at each one:
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
package policy
