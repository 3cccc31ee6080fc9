import HandoverCore
import Kernel
import ServiceCore

/// What workers take of the machine, looked at only when somebody asks.
struct WorkerUses {
    /// So many are looked at for one answer; with more, each answer has others.
    static let mostAtOnce = 256
    /// How long figures count: who asks again sooner gets the same ones.
    static let lasting = Duration.milliseconds(100)

    private var figures: [WorkerID: ProcessUse] = [:]
    /// When each was looked at, of those that are there.
    private var looks: [WorkerID: Duration] = [:]
    private var last: Duration?

    /// The figures of those that were looked at for this answer.
    ///
    /// - Parameters:
    ///   - ids: of all that are there, in an order that is always the same.
    ///   - use: looks at one; nil where that cannot be.
    mutating func now(
        _ ids: [WorkerID], at time: Duration, _ use: (WorkerID) -> ProcessUse?
    ) -> [WorkerID: ProcessUse] {
        if let last, time - last < Self.lasting { return figures }
        last = time
        figures = [:]
        var former: [WorkerID: Duration] = [:]
        for id in ids { former[id] = looks[id] }
        looks = former
        let turn = ids.enumerated().sorted { one, other in
            (looks[one.element] ?? .zero, one.offset)
                < (looks[other.element] ?? .zero, other.offset)
        }
        for (_, id) in turn.prefix(Self.mostAtOnce) {
            looks[id] = time
            figures[id] = use(id)
        }
        return figures
    }
}
