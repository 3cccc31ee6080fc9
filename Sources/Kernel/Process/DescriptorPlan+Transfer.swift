extension DescriptorPlan {
    /// Takes all out, for a process that another one will start: where each belongs, ascending.
    package mutating func takeAll() -> [(target: Int32, descriptor: SharedDescriptor)] {
        let taken = pairs
        forget()
        return taken.map {
            (target: $0.target, descriptor: SharedDescriptor(OwnedDescriptor(adopting: $0.source)))
        }
    }
}
