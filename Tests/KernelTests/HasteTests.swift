import Testing

@testable import Kernel

@Suite struct HasteTests {
    @Test func itGoesBackToWhatItWas() throws {
        // Niceness is of a thread.
        try onThread {
            let before = Niceness.current()
            let haste = Haste()
            let mayHurry = haste.former != nil
            #expect(Niceness.current() == (mayHurry ? -10 : before))
            // As the program after an exec does.
            haste.former.map(Haste.init(goingBackTo:))?.end()
            #expect(Niceness.current() == before)
        }
    }

    @Test func whoHasAGreaterShareAlreadyKeepsIt() throws {
        try onThread {
            guard (try? Niceness.set(-15)) != nil else { return }
            let haste = Haste()
            #expect(haste.former == nil && Niceness.current() == -15)
            haste.end()
            #expect(Niceness.current() == -15)
        }
    }
}
