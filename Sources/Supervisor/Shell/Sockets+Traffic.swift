import ServiceCore
import Steering

/// What came to all listeners together.
extension Sockets {
    /// What all listeners have been sent so far.
    func traffic() -> Traffic {
        listeners.reduce(into: Traffic(others: 0)) { sum, listener in
            let counters = listener.steering.counters()
            sum.datagrams += counters.datagrams
            sum.opened += counters.newFlows
            sum.drops += UInt64(max(0, listener.drops))
            let others = listener.steering.otherDatagrams
            sum.others = sum.others.flatMap { sum in others.map { sum &+ $0 } }
        }
    }

    /// What all listeners have dropped so far.
    func drops() -> Int { listeners.reduce(0) { $0 + max(0, $1.drops) } }
}
