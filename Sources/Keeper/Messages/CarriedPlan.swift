import Kernel

/// A spawn plan on its way to the keeper, with the numbers at which its descriptors belong.
struct CarriedPlan {
    /// Above every number that a system allows for (fs.nr_open).
    private static let highestTarget: Int32 = 1 << 30

    var plan: SpawnPlan
    /// Ascending.
    var targets: [Int32]

    init(_ plan: SpawnPlan, targets: [Int32]) {
        self.plan = plan
        self.targets = targets
    }

    var bytes: [UInt8] {
        var writer = PacketWriter()
        writer.append(byte: PacketFormat.version)
        writer.append(text: plan.executable)
        writer.append(texts: plan.arguments)
        writer.append(texts: plan.environment)
        writer.append(texts: plan.privateFolders)
        writer.append(text: plan.privateBase)
        writer.append(texts: plan.workingFolder.map { [$0] } ?? [])
        writer.append(byte: plan.givesOwnPID ? 1 : 0)
        writer.append(byte: plan.forbidsNewPrivileges ? 1 : 0)
        writer.append(byte: plan.interceptsBind ? 1 : 0)
        writer.append(byte: plan.session.code)
        writer.append(signed: plan.creationMask.map { Int32($0 & 0o777) } ?? -1)
        writer.append(signed: plan.deathSignal ?? 0)
        writer.append(byte: plan.identity == nil ? 0 : 1)
        if let identity = plan.identity {
            writer.append(number: identity.uid)
            writer.append(number: identity.gid)
            writer.append(number: UInt32(identity.groups.count))
            for group in identity.groups { writer.append(number: group) }
        }
        writer.append(number: UInt32(targets.count))
        for target in targets { writer.append(signed: target) }
        return writer.bytes
    }

    init(parsing bytes: [UInt8]) throws(PacketError) {
        var reader = PacketReader(bytes)
        let version = try reader.byte()
        guard version == PacketFormat.version else {
            throw PacketError("its format is \(version), known is \(PacketFormat.version)")
        }
        plan = SpawnPlan(
            executable: try reader.text(), arguments: try reader.texts(),
            environment: try reader.texts())
        plan.privateFolders = try reader.texts()
        plan.privateBase = try reader.text()
        plan.workingFolder = try reader.texts().first
        plan.givesOwnPID = try reader.byte() != 0
        plan.forbidsNewPrivileges = try reader.byte() != 0
        plan.interceptsBind = try reader.byte() != 0
        plan.session = try SpawnPlan.Session(code: try reader.byte())
        let mask = try reader.signed()
        plan.creationMask = mask < 0 ? nil : UInt32(mask)
        let signal = try reader.signed()
        plan.deathSignal = signal == 0 ? nil : signal
        if try reader.byte() != 0 {
            var identity = ProcessIdentity(uid: try reader.number(), gid: try reader.number())
            for _ in 0..<(try reader.number()) { identity.groups.append(try reader.number()) }
            plan.identity = identity
        }
        targets = []
        for _ in 0..<(try reader.number()) {
            let target = try reader.signed()
            guard target > targets.last ?? -1, target < Self.highestTarget else {
                throw PacketError("its descriptors are not in order")
            }
            targets.append(target)
        }
        try reader.end()
    }
}

extension SpawnPlan.Session {
    fileprivate var code: UInt8 {
        switch self {
        case .same: 0
        case .newGroup: 1
        case .newSession: 2
        }
    }

    fileprivate init(code: UInt8) throws(PacketError) {
        switch code {
        case 0: self = .same
        case 1: self = .newGroup
        case 2: self = .newSession
        default: throw PacketError("its session is of no kind that is known")
        }
    }
}
