import ControlClient
import ControlProtocol
import Kernel

/// A unit that `relevo wrap` has wrapped.
struct WrappedUnit {
    let place: WrapPlace
    private let dropIn: [UInt8]

    var name: String { place.unit }
    var service: String { InstalledUnit.service(of: name) }

    /// nil where the unit is not wrapped.
    init?(_ unit: String) throws(Failure) {
        place = WrapPlace(unit)
        do throws(KernelError) {
            guard try FileStatus(of: place.dropIn) != nil else { return nil }
            dropIn = try readFile(place.dropIn)
        } catch {
            throw Failure(error)
        }
        guard dropIn.starts(with: WrapPlace.mark.utf8) else {
            throw Failure(
                .failed,
                "\(place.dropIn) is not as relevo wrap writes it: look at it, and remove it")
        }
    }

    /// All of this machine, by name.
    static func all() throws(Failure) -> [WrappedUnit] {
        let folders = (try? listFolder(WrapPlace.units)) ?? []
        var units: [WrappedUnit] = []
        for folder in folders.sorted() where folder.hasSuffix(".service.d") {
            if let unit = try WrappedUnit(String(folder.dropLast(2))) { units.append(unit) }
        }
        return units
    }

    /// One of this machine, which may be named by an alias.
    static func named(_ unit: String) throws(Failure) -> WrappedUnit {
        let plain = unit.hasSuffix(".service") ? unit : "\(unit).service"
        if let wrapped = try WrappedUnit(plain) { return wrapped }
        let name = try UnitProperties(ofUnit: unit)["Id"]
        guard name != plain, let wrapped = try WrappedUnit(name) else {
            throw Failure(
                .failed, "\(plain) is not wrapped: there is no \(WrapPlace(plain).dropIn)")
        }
        return wrapped
    }

    /// The lines of the drop-in.
    var lines: [String] {
        dropIn.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The keys of which the unit's files say otherwise than when it was wrapped.
    ///
    /// - Parameters:
    ///   - lines: of the drop-in.
    ///   - facts: what the files say now.
    static func changes(of lines: [String], to facts: [String]) -> [String] {
        func byKey(_ facts: [String]) -> [Substring: [String]] {
            Dictionary(grouping: facts) { $0.prefix { $0 != "=" } }
        }
        let (then, now) = (byKey(WrapPlace.facts(in: lines)), byKey(facts))
        return Set(now.keys).union(then.keys).filter { now[$0] != then[$0] }.sorted()
            .map(String.init)
    }

    /// What to say of a unit that has changed; nil where it has not.
    static func notice(of changes: [String], in unit: String) -> String? {
        guard !changes.isEmpty else { return nil }
        let keys = changes.map { "\($0)=" }.joined(separator: ", ")
        let name = InstalledUnit.service(of: unit)
        return "\(unit) has changed since it was wrapped (\(keys)), and runs as it was wrapped: "
            + "relevo wrap \(name) && systemctl restart \(name)"
    }

    /// How many sessions its workers have; nil where no supervisor answers.
    func sessions() -> Int? {
        let paths = ServiceLocator().candidates(name: service)
        guard let status = paths.lazy.compactMap({ ListCommand.status(at: $0) }).first else {
            return nil
        }
        return status.sessions
    }

    /// Takes the files away.
    ///
    /// - Returns: where the settings are kept, if somebody has changed them.
    func remove() throws(Failure) -> String? {
        do throws(KernelError) {
            try removeFile(place.dropIn)
            // Others may have drop-ins there.
            if try listFolder(place.folder).isEmpty { try removeFolder(place.folder) }
            guard try FileStatus(of: place.settings) != nil else { return nil }
            let settings = try readFile(place.settings)
            if lines.contains(WrapPlace.sumLine(settings)) {
                try removeFile(place.settings)
                return nil
            }
            return place.settings
        } catch {
            throw Failure(error)
        }
    }
}

extension ServiceStatus {
    /// Sessions of all its generations.
    var sessions: Int {
        generations.reduce(0) { sum, generation in
            let told = generation.workers.compactMap(\.sessions).reduce(0, +)
            return sum + generation.flows + told + (generation.outside?.total ?? 0)
        }
    }
}
