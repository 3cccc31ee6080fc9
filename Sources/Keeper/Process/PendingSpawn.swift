import Kernel

/// A worker that is asked for and whose descriptors have not all arrived.
struct PendingSpawn: ~Copyable {
    /// More than any command line and environment of a process (execve(2), 6 MiB for all).
    private static let longestPlan = 8 << 20

    let name: String
    private let carried: CarriedPlan
    private var descriptors = DescriptorPlan()
    private var placed = 0

    /// - Parameter plan: the memory file with it; anything at all, it comes from another process.
    init(_ name: String, plan: consuming OwnedDescriptor) throws {
        self.init(name, carried: try Self.read(plan))
    }

    // Apart, for Swift 6.2 compiles no initializer that fails when a part has its value already.
    private init(_ name: String, carried: CarriedPlan) {
        self.name = name
        self.carried = carried
    }

    private static func read(_ plan: consuming OwnedDescriptor) throws -> CarriedPlan {
        guard try plan.mayBeRead() else { throw PacketError("its plan cannot be read") }
        let file = MemoryFile(adopting: plan)
        guard let bytes = try file.contents(upTo: longestPlan) else {
            throw PacketError("its plan is too long, or no file")
        }
        return try CarriedPlan(parsing: bytes)
    }

    /// The entry of the worker's environment by which what it starts is known as its own.
    var mark: [UInt8]? {
        Reaping.mark(in: carried.plan.environment).map { Array($0.utf8) }
    }

    var isWhole: Bool { placed == carried.targets.count }

    /// Puts more descriptors at their places.
    mutating func take(_ arrived: inout DescriptorList) throws {
        while let descriptor = arrived.takeFirst() {
            guard !isWhole else { throw PacketError("it has more descriptors than places") }
            try descriptors.place(descriptor, at: carried.targets[placed])
            placed += 1
        }
    }

    consuming func spawn(
        _ interception: inout Interception
    ) throws(SpawnError) -> ChildProcess {
        try ChildProcess.spawn(
            carried.plan, descriptors: descriptors, interception: &interception)
    }
}
