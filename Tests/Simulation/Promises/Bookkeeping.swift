import HandoverCore
import ServiceCore
import Settings

/// What must hold once nothing is killed any more and all has settled: rest, answers, descriptors.
extension World {
    /// Whether nothing but traffic is left to happen.
    var isQuiet: Bool {
        guard let service = conductor?.service else { return ended }
        guard time > supervisorRunsAt, time > keeperRunsAt, service.machine.handovers.isEmpty,
            service.duties.isEmpty, service.history.isRead, service.history.isWritten,
            service.machine.generations.allSatisfy({
                $0.isOver || $0.phase == .current && $0.isWhole
            })
        else { return false }
        return askers.values.allSatisfy { $0.answers > 0 || $0.incarnation != incarnation }
            && processes.values.allSatisfy {
                $0.isOrphan || !$0.isEnding && $0.open.isEmpty && $0.call == nil
            }
            && (keeper?.orders.isEmpty ?? true)
    }

    func checkEnd() {
        checkTraffic()
        guard let service = conductor?.service else {
            if !ended { violate(.liveness, "no supervisor runs") }
            return checkHistory(disk.entries, nil)
        }
        checkRest(service)
        checkWhole(service)
        checkAnswers()
        checkSlots(service)
        checkKept(service)
        checkHistoryAtRest(service)
    }

    private func checkRest(_ service: Service) {
        switch service.machine.service {
        case .running:
            if service.machine.current == nil, !scenario.settings.command.isEmpty {
                violate(.liveness, "no generation is current: \(describe(service))")
            }
            if service.machine.handovers.contains(where: { handover in
                // What nobody joins waits for somebody who does.
                service.machine.generation(handover.to)?.launch.isJoined != true
            }) {
                violate(.liveness, "a handover has not ended: \(describe(service))")
            }
        case .idle:
            if !scenario.settings.command.isEmpty { violate(.liveness, "the service is idle") }
        case .stopping: violate(.liveness, "a stop has not ended: \(describe(service))")
        case .ended: break
        }
        if !service.duties.isEmpty { violate(.liveness, "\(service.duties) are not done") }
    }

    private func checkAnswers() {
        for asker in askers.values where asker.answers == 0 && asker.incarnation == incarnation {
            violate(.answers, "\(asker.wish) was never answered")
        }
    }

    private func checkSlots(_ service: Service) {
        let wanted = Set(service.banks.slotsInUse)
        for (inode, socket) in kernel.sockets where socket.supervisor {
            if !wanted.contains(socket.slot) {
                violate(.descriptors, "slot \(socket.slot) (\(inode)) is open and in no use")
            }
        }
        for slot in wanted where kernel.groups[slot.listener].addressIsThere {
            guard let inode = inode(slot), let socket = kernel.sockets[inode] else {
                violate(.descriptors, "slot \(slot) has no socket")
                continue
            }
            if keeper != nil, !socket.keeper { violate(.descriptors, "slot \(slot) is not kept") }
        }
        for process in processes.values where !process.isOrphan {
            guard let id = process.id, service.workers[id]?.pid != process.pid else { continue }
            violate(.descriptors, "process \(process.pid) of \(id) is nobody's")
        }
    }

    private func checkKept(_ service: Service) {
        let stored = Set(service.store.entries.map(\.number))
        let wanted = Set(service.banks.slotsInUse)
        for name in keeper?.kept.keys.map({ $0 }) ?? [] {
            let isWanted =
                switch name {
                case .slot(let slot): wanted.contains(slot)
                case .worker(let id, _): service.workers[id] != nil
                case .stored(let number): stored.contains(number)
                case .program(let number): service.programs[number] != nil
                case .state, .callInHand, .steering: true
                }
            if !isWanted { violate(.descriptors, "\(name) is kept for nobody") }
        }
        for number in stored.sorted() where keeper?.kept[.stored(number)] == nil {
            violate(.descriptors, "stored.\(number) is on the list and not kept")
        }
    }
}
