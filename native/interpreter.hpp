// The gates between Python and the kernels: leaving the interpreter, asking it for Ctrl-C, and its end.
//
// A thread that comes back while Python exits would be ended by CPython (before 3.14) in the middle of C++ code, which
// calls std::terminate.  So nobody comes back then: jobs are stopped, and their threads wait for the process to end.

#pragma once

#include <Python.h>

#include <atomic>
#include <chrono>
#include <thread>

#ifndef _WIN32
#include <pthread.h>
#endif

namespace multilogit {

namespace interpreter {

inline std::atomic<unsigned long> main_thread{0};  // where Python's signal handlers run
inline std::atomic<bool> exits{false};
inline std::atomic<unsigned long> exiting_thread{0};
inline std::atomic<int> outside{0};  // threads in a WithoutGil

inline bool is_over_for_me() { return exits && exiting_thread != PyThread_get_thread_ident(); }

[[noreturn]] inline void stay_outside() {
    --outside;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace interpreter

// Releases the GIL while it lives.
class WithoutGil {
public:
    WithoutGil() : state(PyEval_SaveThread()) {
        ++interpreter::outside;
        if (interpreter::is_over_for_me()) interpreter::stay_outside();
    }
    ~WithoutGil() {
        if (interpreter::is_over_for_me()) interpreter::stay_outside();
        PyEval_RestoreThread(state);
        --interpreter::outside;
    }
    WithoutGil(const WithoutGil&) = delete;
    WithoutGil& operator=(const WithoutGil&) = delete;

private:
    PyThreadState* state;
};

// The `Interrupted` of every kernel: true where a signal's handler has raised an exception, KeyboardInterrupt for
// Ctrl-C, which is then set; and where Python exits.  Python runs handlers on its main thread only.
inline bool interrupted() {
    if (interpreter::is_over_for_me()) return true;
    if (interpreter::main_thread != PyThread_get_thread_ident()) return false;
    const PyGILState_STATE state = PyGILState_Ensure();
    const bool raised = PyErr_CheckSignals() != 0;
    PyGILState_Release(state);
    return raised;
}

// To be called when Python begins to exit, with the GIL: daemon threads stop computing, and none comes back after.
inline void leave_daemons_outside() {
    interpreter::exiting_thread = PyThread_get_thread_ident();
    interpreter::exits = true;
    Py_BEGIN_ALLOW_THREADS;
    // Who is on the way back gets in; who computes stops at the next question.  A second is enough for both.
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (interpreter::outside > 0 && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Py_END_ALLOW_THREADS;
}

// To be called when the module is loaded, with the identity of Python's main thread.
inline void remember_main_thread(unsigned long identity) {
    interpreter::main_thread = identity;
#ifndef _WIN32
    // The thread that forks is the child's main thread, and its only one.
    pthread_atfork(nullptr, nullptr, [] {
        interpreter::main_thread = PyThread_get_thread_ident();
        interpreter::outside = 0;
    });
#endif
}

}  // namespace multilogit
