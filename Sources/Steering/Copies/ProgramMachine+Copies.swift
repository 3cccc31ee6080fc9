import Kernel
import SteeringABI

extension ProgramMachine {
    func placeCopier<Socket: DescriptorHolder & ~Copyable>(
        _ socket: borrowing Socket
    ) throws(SteeringError) {
        do throws(KernelError) {
            let present = try loaded.cookie(at: copierPlace)
            if present != (try socket.socketCookie()) {
                try loaded.place(socket, at: copierPlace)
            }
        } catch {
            throw SteeringError(error)
        }
        if copying == nil { copying = Copying(place: copierPlace) }
        reviewSessions()
    }

    /// Those that get copies, as placements.
    var copiedTo: Set<Int> { copying?.candidates ?? [] }

    func endCopies() {
        copying = nil
        ids?.copier = nil
    }

    func marks(for flow: FlowTuple) -> [CopyMark] {
        guard let copying else { return [] }
        let (key, chosen) = (table.state.key, state.chosenPlacements)
        let hash = FlowHash(of: flow, at: member, key: key)
        // What waited while a drain ended is of those that are left.
        return (copying.candidates.isEmpty ? chosen : copying.candidates).sorted().map {
            CopyMark(
                placement: $0,
                tag: FlowHash(ofCopy: hash, for: $0, at: member, key: key).value)
        }
    }

    func holdCopied(_ sessions: Int) { copying?.sessions = sessions }

    /// Allows for the second that comes, and sees who may own what is copied now.
    func copy(by tally: [UInt32], _ review: SessionReview, _ ids: IdState) {
        guard let copying else { return }
        let hasCanary = state.canary != nil
        self.copying?.goOn(review.candidates(by: tally, hasCanary: hasCanary, copying), ids)
    }

    /// What only copies tell of counts at each slot of a generation that drains and may have it.
    func withCopied(_ flows: [Int: SlotFlows], _ open: [Int: Int]) -> [Int: SlotFlows] {
        guard let copying, copying.sessions > 0 else { return flows }
        var flows = flows
        let theirs = copying.candidates.subtracting(state.chosenPlacements)
        for (slot, number) in open where theirs.contains(number) {
            flows[slot]?.confirmed += copying.sessions
        }
        return flows
    }
}
