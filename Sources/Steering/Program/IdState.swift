import CBPF
import Kernel
import SteeringABI

/// What a listener's program knows of the ids of sessions, beside their entries in the table.
final class IdState {
    private let memory: MappedMemory
    private let processors: Int

    init(of map: borrowing OwnedDescriptor) throws(KernelError) {
        let possible = Int(libbpf_num_possible_cpus())
        processors = 1...Int(RELEVO_CPUS) ~= possible ? possible : Int(RELEVO_CPUS)
        let rules = processors * MemoryLayout<relevo_rules>.stride
        memory = try MappedMemory(of: map, length: Int(RELEVO_RULES_AT) + rules)
    }

    /// How long ids are where no header tells it.
    var lengths: IdLengths {
        get { IdLengths(word: long(RELEVO_LENGTHS_AT).value) }
        set { long(RELEVO_LENGTHS_AT).value = newValue.word }
    }

    /// Takes lengths over from a look at them, unless the program was first.
    func change(_ old: IdLengths, to new: IdLengths) {
        _ = long(RELEVO_LENGTHS_AT).replace(old.word, by: new.word)
    }

    /// What a stay's clients have shown of the length of its ids.
    func heard(at placement: Int) -> HeardLength {
        HeardLength(word: short(RELEVO_HEARD_AT + placement * 4).value)
    }

    /// How many 4-tuples the sessions of a stay have left behind, going round.
    func left(at placement: Int) -> UInt32 { short(RELEVO_LEFT_AT + placement * 4).value }

    /// A number that another stay had begins anew.
    func forget(_ placement: Int) {
        short(RELEVO_HEARD_AT + placement * 4).value = 0
        short(RELEVO_LEFT_AT + placement * 4).value = 0
        setDraining(false, placement)
    }

    /// Whether new sessions go elsewhere than to a stay.
    func setDraining(_ isDraining: Bool, _ placement: Int) {
        let address = Int(RELEVO_DRAINING_AT) + placement
        unsafe (memory.base + address).storeBytes(of: isDraining ? 1 : 0, as: UInt8.self)
    }

    func isDraining(_ placement: Int) -> Bool {
        let address = Int(RELEVO_DRAINING_AT) + (placement & (Int(RELEVO_ALIAS) - 1))
        return unsafe (memory.base + address).load(as: UInt8.self) != 0
    }

    /// What a decision reads.
    var viewed: ViewedIds {
        ViewedIds(
            lengths: lengths, mark: long(Int(RELEVO_MARK_AT)).value,
            refresh: UInt32(truncatingIfNeeded: long(Int(RELEVO_ID_REFRESH_AT)).value)
                &- UInt32(RELEVO_SLACK),
            serverLength: serverLength, guessable: guessable, budget: budget, copier: copier)
    }

    private var guessable: [Int] {
        let word = long(RELEVO_GUESS_AT).value
        let first = (Int(word >> 32) & 1) * Int(RELEVO_SLOTS)
        return (0..<min(Int(word & 0xffff_ffff), Int(RELEVO_SLOTS))).map { at in
            let address = Int(RELEVO_GUESSABLE_AT) + (first + at) * 2
            return Int(unsafe (memory.base + address).load(as: UInt16.self))
        }
    }

    /// The cookie of a slot's socket, as it stands in the ids of servers that put it there: big endian.
    func setCookie(_ cookie: UInt64, of slot: Int) {
        long(RELEVO_COOKIE_AT + slot * 8).value = cookie.bigEndian
    }

    /// The id that a slot's server has in the ids that it makes; none is nobody's.
    func setServer(_ bytes: [UInt8], of slot: Int) {
        long(RELEVO_COOKIE_AT + slot * 8).value =
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// How long the ids of servers are in the ids of sessions; 0 where there are none.
    var serverLength: Int { Int(truncatingIfNeeded: long(Int(RELEVO_SERVER_AT)).value) }

    /// The word that a cookie is in the ids of a slot, or the id of its server.
    func cookieWord(of slot: Int) -> UInt64 { long(RELEVO_COOKIE_AT + slot * 8).value }

    /// The key of the tags in the ids that a slot's worker makes; nil where it is to make none.
    ///
    /// Half a key is no key: what is read meanwhile fits no id.
    func setSeal(_ key: (UInt64, UInt64)?, of slot: Int) {
        long(RELEVO_SEAL_AT + slot * 16).value = 0
        long(RELEVO_SEAL_AT + slot * 16 + 8).value = key?.1 ?? 0
        long(RELEVO_SEAL_AT + slot * 16).value = key?.0 ?? 0
    }

    func seal(of slot: Int) -> (UInt64, UInt64)? {
        let first = long(RELEVO_SEAL_AT + slot * 16).value
        return first == 0 ? nil : (first, long(RELEVO_SEAL_AT + slot * 16 + 8).value)
    }

    /// How many datagrams more may go, unproved, to a generation that drains.
    var budget: Int {
        get { Int(truncatingIfNeeded: long(RELEVO_BUDGET_AT).value) }
        set { long(RELEVO_BUDGET_AT).value = UInt64(newValue) }
    }

    /// Who copies what nobody is known to own, by its place in the map of sockets, and how many datagrams more it
    /// may be handed.
    var copier: (place: Int, left: Int)? {
        get {
            let word = long(Int(RELEVO_COPIER_AT)).value
            return word >> 32 == 0 ? nil : (Int(word >> 32) - 1, Int(word & 0xffff_ffff))
        }
        set {
            let word = newValue.map { UInt64($0.place + 1) << 32 | UInt64($0.left) }
            long(Int(RELEVO_COPIER_AT)).value = word ?? 0
        }
    }

    /// Writes what a program goes by before it is attached.
    ///
    /// - Parameters:
    ///   - length: of ids, where it is known and not to be learned.
    ///   - serverLength: of the ids of servers in them, where there are such.
    func prepare(_ ticks: Ticks, length: Int?, serverLength: Int?) {
        long(Int(RELEVO_SERVER_AT)).value = UInt64(serverLength ?? 0)
        long(Int(RELEVO_SAID_AT)).value = UInt64(length ?? 0)
        if let length {
            lengths = IdLengths(first: IdForm(length: length), second: IdForm(length: 0))
        }
        setTimes(ticks)
    }

    /// Says how much of an id's time may be a mark of its port, which makes it up to twice as much older than it is,
    /// and how often it is written.
    func setTimes(_ ticks: Ticks) {
        let mark: UInt32 = ticks.idle >= 1 << 13 ? 0xff : 0
        long(Int(RELEVO_MARK_AT)).value = UInt64(mark)
        // It costs three look-ups more, so it is seldom; `Ticks.countLimit` allows for it.
        let refresh = mark == 0 ? ticks.refresh : max(3 * (mark + 1), ticks.idle / 16)
        long(Int(RELEVO_ID_REFRESH_AT)).value = UInt64(refresh) + UInt64(RELEVO_SLACK)
    }

    /// Says where a guess goes; none goes anywhere where there are no placements.
    func guess(_ placements: [Int]) {
        let word = long(RELEVO_GUESS_AT)
        let row = 1 - Int(word.value >> 32) & 1
        let placements = placements.prefix(Int(RELEVO_SLOTS))
        for (at, placement) in placements.enumerated() {
            let address = Int(RELEVO_GUESSABLE_AT) + (row * Int(RELEVO_SLOTS) + at) * 2
            unsafe (memory.base + address).storeBytes(of: UInt16(placement), as: UInt16.self)
        }
        word.value = UInt64(row) << 32 | UInt64(placements.count)
    }

    /// The sum over all CPUs, as near as one can read them while they count.
    func rules() -> RuleCounters {
        var sum = RuleCounters()
        for cpu in 0..<processors {
            let address = Int(RELEVO_RULES_AT) + cpu * MemoryLayout<relevo_rules>.stride
            let one = unsafe (memory.base + address).load(as: relevo_rules.self)
            sum.tuple += one.tuple
            sum.learned += one.learned
            sum.rebound += one.rebound
            sum.hinted += one.hinted
            sum.guessed += one.guessed
            sum.unknown += one.unknown
            sum.moved += one.moved
            sum.owner += one.owner
            sum.copied += one.copied
            sum.uncopied += one.uncopied
        }
        return sum
    }

    /// An id's time is written again after so many coarse ticks.
    var refreshTicks: UInt64 { long(Int(RELEVO_ID_REFRESH_AT)).value &- UInt64(RELEVO_SLACK) }

    private func long(_ offset: Int) -> SharedLong {
        unsafe SharedLong(at: memory.base + offset)
    }

    private func short(_ offset: Int) -> SharedShort {
        unsafe SharedShort(at: memory.base + offset)
    }
}
