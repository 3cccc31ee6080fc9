/// A descriptor that an earlier worker of this index left with the supervisor.
struct KeptDescriptor {
    let name: [UInt8]
    let number: Int32
}
