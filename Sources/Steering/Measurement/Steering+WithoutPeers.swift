extension Steering {
    /// Flow steering whose program never tells who is there: what telling costs is measured against it.
    package static func withoutPeers(_ setup: SteeringSetup) throws(SteeringError) -> Steering {
        do {
            return Steering(
                setup,
                machine: try ChooseMachine.program(
                    .flow, setup, SteeringTables(), in: .withoutPeers))
        } catch {
            throw SteeringError("flow program without peers: \(error)")
        }
    }
}
