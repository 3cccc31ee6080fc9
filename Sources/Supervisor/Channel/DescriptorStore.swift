import ChannelProtocol
import Kernel

/// Descriptors that workers have stored for their successors, in the order in which they came.
struct DescriptorStore {
    struct Entry {
        /// Its name in the vault, never used twice.
        let number: Int
        /// Of the workers that it is for.
        let index: Int
        let name: String
        let descriptor: ForeignDescriptor
    }

    private(set) var entries: [Entry] = []
    private var nextNumber = 0

    /// What workers of that index are handed.
    func entries(of index: Int) -> [Entry] { entries.filter { $0.index == index } }

    /// Stores descriptors under a name; those of which a duplicate is there already are closed.
    ///
    /// - Parameter adds: whether what is under the name stays.
    /// - Returns: what is new, and what has gone for it.
    mutating func store(
        _ descriptors: [ForeignDescriptor], index: Int, name: String, adds: Bool
    ) throws(ChannelFault) -> (new: [Entry], gone: [Entry]) {
        let present = entries.filter { $0.index == index && $0.name == name }
        let gone = adds ? [] : present
        let news = descriptors.filter { descriptor in
            !adds || !present.contains { $0.descriptor.isDuplicate(of: descriptor) }
        }
        let left = entries.count - gone.count
        guard left + news.count <= ChannelLimits.mostStoredOfService else {
            throw ChannelFault(
                .full, "\(ChannelLimits.mostStoredOfService) descriptors are stored for the service"
            )
        }
        guard entries(of: index).count - gone.count + news.count <= ChannelLimits.mostStored else {
            throw ChannelFault(
                .full,
                "\(ChannelLimits.mostStored) descriptors are stored for the workers of index "
                    + "\(index)")
        }
        let goneNumbers = Set(gone.map(\.number))
        entries.removeAll { goneNumbers.contains($0.number) }
        let new = news.map { descriptor in
            nextNumber += 1
            return Entry(number: nextNumber, index: index, name: name, descriptor: descriptor)
        }
        entries += new
        return (new, gone)
    }

    /// - Returns: what has gone.
    mutating func forget(index: Int, name: String) -> [Entry] {
        let gone = entries.filter { $0.index == index && $0.name == name }
        entries.removeAll { $0.index == index && $0.name == name }
        return gone
    }

    /// Takes over what a predecessor had; what was not kept is no longer there.
    mutating func resume(_ parts: [Record.StoredPart], from kept: KeptDescriptors) {
        for part in parts {
            nextNumber = max(nextNumber, part.number)
            guard let descriptor = kept.take(.stored(part.number)) else { continue }
            entries.append(
                Entry(
                    number: part.number, index: part.index, name: part.name,
                    descriptor: ForeignDescriptor(descriptor)))
        }
    }

    var record: [Record.StoredPart] {
        entries.map { Record.StoredPart(number: $0.number, index: $0.index, name: $0.name) }
    }
}
