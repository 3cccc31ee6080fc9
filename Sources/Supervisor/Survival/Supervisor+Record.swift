import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Writes down all that the next supervisor must know. After this call a kill loses nothing.
    func saveRecord() {
        let record = record()
        if record == lastRecord { return }
        lastRecord = nil
        do throws(KernelError) {
            try recordFile.write(record.encoded())
            lastRecord = record
        } catch {
            log.critical("the record cannot be written, a crash now would lose state: \(error)")
        }
    }

    /// Sees that the record can be written, before anything runs that would be lost without it.
    func tryRecord() throws(SupervisorError) {
        do throws(KernelError) {
            try recordFile.tryOut(record().encoded())
        } catch {
            let hint = error.isFileTooLarge ? "; raise LimitFSIZE= (ulimit -f)" : ""
            throw SupervisorError(
                "the record for the next supervisor cannot be written: \(error)\(hint)")
        }
    }

    /// The state of machine and shell as it stands now.
    func record() -> Record {
        Record(
            settings: followedSettings, machine: machine, effects: pending, events: waiting,
            listeners: listeners.map(\.record),
            banks: banks.keys.sorted().compactMap { id in
                banks[id].map { Record.BankPart(generation: id, slots: $0.record) }
            },
            workers: workers.values.sorted { $0.pid < $1.pid }.map(\.record),
            generations: machine.generations.map(\.id).map { id in
                Record.GenerationPart(
                    id: id, lastLines: lastLines[id]?.lines ?? [], explanation: explanations[id],
                    handoverBegan: handoversBegan[id])
            },
            lastRequest: requests.lastNumber, holdsLifeLine: holdsLifeLine,
            stored: stored.record)
    }
}

extension Bank {
    var record: [[[Record.SlotPart]]] {
        slots.map { $0.map { $0.map(\.record) } }
    }
}
