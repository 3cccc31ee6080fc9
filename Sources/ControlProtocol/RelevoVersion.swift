/// The version of both programs and of everything they serve.
package enum RelevoVersion {
    package static let current = "0.1.0"
}
