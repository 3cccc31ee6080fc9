/// How long a silent flow lasts, while the program runs.
extension ProgramMachine {
    func canHonour(idleTimeout: Duration) -> Bool {
        !remembersFlows || table.ticks.with(idleTimeout: idleTimeout) != nil
    }

    func honour(idleTimeout: Duration) -> Bool {
        guard remembersFlows else { return true }
        guard let limits = table.honour(idleTimeout) else { return false }
        // How often an id's time is written: at once, as the table has it.
        ids?.setTimes(limits)
        left.lifetime = limits.leftLifetime
        return true
    }
}
