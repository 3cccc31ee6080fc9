import SteeringABI

/// What the next supervisor must know of a listener's steering besides its descriptors.
///
/// It is whole as soon as the steering is made. Whatever changes is in the kernel's maps, but for the
/// order of a group that is steered by classic BPF, which changes when a member leaves.
package struct SteeringMemo: Codable, Equatable, Sendable {
    /// What steers.
    package enum Machine: Codable, Equatable, Sendable {
        /// That function of the eBPF object.
        case program(function: String)
        /// Classic BPF, which shares out by a hash with this seed; the slots in the kernel's order where
        /// that is not their own.
        case classic(seed: UInt32, order: [Int]? = nil)
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
