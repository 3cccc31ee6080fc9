import SteeringABI

/// What the next supervisor must know of a listener's steering besides its descriptors.
///
/// It is whole as soon as the steering is made and never changes after that: whatever does change
/// is in the kernel's maps.
package struct SteeringMemo: Codable, Equatable, Sendable {
    /// What steers.
    package enum Machine: Codable, Equatable, Sendable {
        /// That function of the eBPF object.
        case program(function: String)
        /// Classic BPF, which shares out by a hash with this seed.
        case classic(seed: UInt32)
    }

    package var machine: Machine
    package var setup: SteeringSetup
    /// Which machine steers and why it was chosen.
    package var kindDescription: String
    /// The form of the maps; steering of another form is not taken over.
    package var layout = SteeringMemo.layout

    /// The form of the maps that this version makes and reads.
    package static let layout = Int(RELEVO_LAYOUT)
}
