/// Lets time pass in a process that has nothing else to do; a signal that ends it does so at once.
package func passTime(_ time: Duration) throws(KernelError) {
    let loop = try EventLoop()
    _ = loop.schedule(at: MonotonicClock.now() + time) { loop.stop() }
    try loop.run()
}
