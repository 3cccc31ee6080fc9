/// The paths of FILE.d/*.conf in the order of their names; none where there is no such folder.
package func dropIns(of path: String) throws(KernelError) -> [String] {
    do throws(KernelError) {
        let names = try listFolder("\(path).d")
        return names.filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { "\(path).d/\($0)" }
    } catch {
        guard error.isNothingThere else { throw error }
        return []
    }
}
