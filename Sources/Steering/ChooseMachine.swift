/// Picks the machine for a setup by trying, never by the kernel's version number.
enum ChooseMachine {
    static func machine(
        for setup: SteeringSetup
    ) throws(SteeringError) -> any SteeringMachine {
        throw SteeringError("steering is not built yet")
    }
}
