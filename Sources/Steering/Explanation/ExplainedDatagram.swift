/// A datagram as far as a decision about it looks.
package struct ExplainedDatagram: Sendable {
    /// Where it comes from and where it goes to.
    package let flow: FlowTuple
    /// Its payload, or the beginning of it.
    package let payload: [UInt8]
    /// How many bytes the whole payload has.
    package let size: Int

    package init(_ flow: FlowTuple, payload: [UInt8], size: Int? = nil) {
        self.flow = flow
        self.size = max(size ?? payload.count, payload.count)
        self.payload = payload
    }
}
