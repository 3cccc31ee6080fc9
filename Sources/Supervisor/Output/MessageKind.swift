import ControlProtocol
import HandoverCore

/// What a line of the supervisor's own log is about: a word that stays, and the number by which the journal
/// explains it (`packaging/systemd/relevo.catalog`).
enum MessageKind: String, CaseIterable {
    case starting
    case ready
    case canary
    case aborted
    case passed
    case flipped
    case watching
    case watchEnded
    case draining
    case resumed
    case drained
    case notEmptied
    case failing
    case failed
    case ended
    case handoverEnded
    case workerStarted
    case workerReady
    case workerExited
    case workerFailed
    case workerRestarts
    case workerKilled
    case warning
    case critical

    /// As the journal wants it in MESSAGE_ID: 128 bits in hexadecimal. None ever changes.
    var id: String {
        switch self {
        case .starting: "0771a5b3fc034c8883c02d5bb46ef326"
        case .ready: "61c9e64e440544dfa702add907d55c18"
        case .canary: "1ee5529a365947b6aa02f2d3c5779700"
        case .aborted: "d4198b3066b046b2927b604115718d4a"
        case .passed: "5a360251a54444a8ab570bd7dde32666"
        case .watching: "6b4d82d0ac394ef8aa737d74cc3b2309"
        case .watchEnded: "43f9ae4d88cf40d38c38644d6175981b"
        case .flipped: "ae613293248440a096b396cea773b3f8"
        case .draining: "90f235f61a2a4575baebde36270f14c8"
        case .resumed: "21fe1a6769424126aa8962990654916a"
        case .drained: "1bc4d71b5a514793b995a3b5afed2d14"
        case .notEmptied: "9a55a4e564094e749abf5ca1856be596"
        case .failing: "5a8ea05d264c46b2b06f02b45b12de09"
        case .failed: "9d8c5c68cc8146e8b1be07a3a6c186bb"
        case .ended: "605f7930dcd942988e7a1eeed79db7ba"
        case .handoverEnded: "09046759e64e43dfa63233155e627402"
        case .workerStarted: "74237fff60eb4a77ad624ee3132869d8"
        case .workerReady: "ec4fac7578a04abab8c5171be9bf5bda"
        case .workerExited: "3422152c7b4a4e48ac81cb95ee3f644d"
        case .workerFailed: "5d569ca89644478686d43d653a203f92"
        case .workerRestarts: "7929d7c860d84c6c8e42adad709515d8"
        case .workerKilled: "980da6db54f1486a9e48013ea40b7345"
        case .warning: "71e3c3ebe2c04d84ab67ef5b51415277"
        case .critical: "4a1285851675450f816bb6de1caece40"
        }
    }
}

extension Progress {
    /// What its line is about.
    var kind: MessageKind? {
        switch step {
        case .preparing: .starting
        case .started: nil
        case .passed: .passed
        case .watching: .watching
        case .watchEnded: .watchEnded
        case .ready: .ready
        case .canary: .canary
        case .aborted: .aborted
        case .flipped: .flipped
        case .draining: .draining
        case .resumed: .resumed
        case .retiring: .drained
        case .queuesNotEmptied: .notEmptied
        case .failing: .failing
        case .stopped: .ended
        case .failed: .failed
        // What the shell saw itself has been told where it was seen.
        case .workerReady, .workerDied: nil
        case .workerFailed: .workerFailed
        case .workerRestarts: .workerRestarts
        case .workerKilled: .workerKilled
        }
    }
}

extension ServiceEventKind {
    /// What a line about a worker is about.
    var kind: MessageKind? { MessageKind(rawValue: rawValue) }
}
