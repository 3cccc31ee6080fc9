import ControlProtocol
import HandoverCore
import Kernel
import Steering

/// All that the next supervisor must know and cannot see in the descriptors it is handed.
///
/// Written format: JSON, fields as declared. An optional field may be missing, one that
/// is not known is let pass; so what is added later is optional. `formatVersion` is the writer's; `readableFrom` is the oldest reader's
/// that does no harm with it. A reader refuses a record whose `readableFrom` is above its own version.
struct Record: Codable, Equatable {
    /// What this version writes.
    static let formatVersion = 1
    /// The oldest version that can go on with what this one writes.
    static let readableFrom = 1

    /// A listener beside its sockets, which are kept by name.
    struct ListenerPart: Codable, Equatable {
        var steering: SteeringMemo
        /// Free slots whose sockets stay.
        var idle: [Int] = []
        var dropsOfClosedSockets = 0
        /// Slots below this number have sockets of a socket unit.
        var givenSlots: Int?
        var v6Only: Bool?
        /// Where it is bound, if not at the address of the settings.
        var boundAddress: SocketAddress?
        var socketsPerWorker: Int?
        var sharesAddress: Bool?
        var bindsFreely: Bool?
        var bindsTransparently: Bool?
    }

    /// A slot that a generation uses.
    struct SlotPart: Codable, Equatable {
        var number: Int
        /// By which the socket can be found among a worker's descriptors if it was not kept.
        var inode: UInt64
        var isTaken: Bool
        var dropsBefore: Int
        /// On CLOCK_MONOTONIC.
        var boundAt: Duration?
    }

    struct BankPart: Codable, Equatable {
        var generation: GenerationID
        /// `[worker][listener]`, as in `Bank`.
        var slots: [[[SlotPart]]]
    }

    struct WorkerPart: Codable, Equatable {
        var id: WorkerID
        var pid: Int32
        /// On CLOCK_MONOTONIC, which the next supervisor shares.
        var startedAt: Duration
        var isDraining = false
        var speaksNotify = false
        var saidReady = false
        var statusText: String?
        /// The version that its channel is spoken in, where it is.
        var channelVersion: Int?
        /// Whether somebody else has started it; a process of another pid namespace has number 0.
        var isJoined: Bool?
    }

    struct GenerationPart: Codable, Equatable {
        var id: GenerationID
        var lastLines: [String]
        var explanation: String?
        var handoverBegan: Instant?
    }

    /// What a worker has stored for its successors.
    struct StoredPart: Codable, Equatable {
        /// Its name in the vault.
        var number: Int
        var index: Int
        var name: String
    }

    var formatVersion = Record.formatVersion
    var readableFrom = Record.readableFrom
    /// As `relevo run` writes them.
    var settings: String
    var machine: Machine
    /// Effects of the turn that are not known to be brought about.
    var effects: [Effect]
    /// Events that the machine has not been handed yet.
    var events: [Event]
    var listeners: [ListenerPart]
    var banks: [BankPart]
    var workers: [WorkerPart]
    var generations: [GenerationPart]
    var lastRequest: Int
    /// Whether the service manager holds the keeper's life line.
    var holdsLifeLine: Bool?
    /// In the order in which it is handed over.
    var stored: [StoredPart]?

    /// Why a record is not taken over.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private struct Versions: Decodable {
        var formatVersion: Int
        var readableFrom: Int
    }

    /// Reads one; whether it is sound is another question, see `fault`.
    ///
    /// - Throws: that it is a newer version's, or where it is not a record.
    static func decode(_ bytes: [UInt8]) throws(Refusal) -> Record {
        let versions = try decode(Versions.self, bytes)
        guard versions.readableFrom <= formatVersion else {
            throw Refusal(
                description: "it has format \(versions.formatVersion), to be read by version "
                    + "\(versions.readableFrom) and later; this relevod reads \(formatVersion)")
        }
        return try decode(Record.self, bytes)
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8]
    ) throws(Refusal) -> Value {
        do throws(JSONFault) {
            return try decodeJSON(type, from: bytes)
        } catch {
            throw Refusal(description: error.description)
        }
    }

    func encoded() -> [UInt8] { OrderedJSON.bytes(self, nulls: true) }
}
