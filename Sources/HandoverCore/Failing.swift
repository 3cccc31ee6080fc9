/// A generation that will not be current, until its workers are gone.
package struct Failing: Hashable, Codable, Sendable {
    /// What is known of the bank asked for.
    enum Bank: Hashable, Codable, Sendable {
        case asked, held
        /// It was not got.
        case none
    }

    /// What becomes of the bank.
    enum Sequel: Hashable, Codable, Sendable {
        case free
        /// It is inherited by a generation that brings this back.
        case revive(Fallback)
    }

    let reason: String
    /// The handover that it fails, none where it is the first generation or a revival.
    var handover: Handover?
    var bank: Bank
    var sequel: Sequel
}
