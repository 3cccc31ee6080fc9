/// A generation whose bank is asked for.
package struct Preparing: Hashable, Codable, Sendable {
    var purpose: StartPurpose
    var bank: BankRequest = .asked
    /// How often it has not been got.
    var failures = 0
}
