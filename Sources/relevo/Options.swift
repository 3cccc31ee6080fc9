import Settings

/// Values of options, refused with the option's name.
enum Options {
    static func read<Value>(
        _ option: String, _ text: String, _ body: (String) throws(ValueError) -> Value
    ) throws(Failure) -> Value {
        do throws(ValueError) {
            return try body(text)
        } catch {
            throw Failure(.usage, "\(option): \(error)")
        }
    }
}
