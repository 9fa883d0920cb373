// The pool of pool.hpp: jobs lie on the stacks of their callers, and workers that have no job look for one.
//
// A caller offers seats in its job, computes, withdraws the seats that nobody took and waits for the workers that sit
// on the others.  One mutex guards who sits where; the tasks themselves are handed out by an atomic counter.  A worker
// without a job spins for a moment, because an iterative solver's next sweep follows at once, and then sleeps.

#include "pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "poll.hpp"

#ifndef _WIN32
#include <pthread.h>
#include <signal.h>
#endif

namespace multilogit {
namespace {

using Clock = std::chrono::steady_clock;
using Task = std::function<void(std::size_t, int)>;

constexpr auto spin_time = std::chrono::microseconds(50);
constexpr int most_threads = 1024;

std::atomic<int> limit{0};

// Tells whether this thread runs a task, whose own jobs run inline.
thread_local bool inside_task = false;

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// On a single core nobody else could make a condition true while this thread spins.
const bool alone = std::thread::hardware_concurrency() == 1;

// Waits for the condition without sleeping, but not long.
template <class Condition>
bool spin_until(Condition holds) {
    if (alone) return holds();
    const Clock::time_point end = Clock::now() + spin_time;
    do {
        for (int i = 0; i < 16; ++i) {
            if (holds()) return true;
            relax();
        }
    } while (Clock::now() < end);
    return holds();
}

struct Job {
    Job(std::size_t n_tasks, const Task& call) : count(n_tasks), task(call) {}

    const std::size_t count;
    const Task& task;
    alignas(64) std::atomic<std::size_t> next{0};

    alignas(64) std::atomic<bool> failed{false};
    std::exception_ptr error;  // written by the thread that sets `failed`, read when the workers have left

    // Guarded by the pool's mutex; `seated` may be read without it.
    int seats = 0, joined = 0;
    std::atomic<int> seated{0};
    std::condition_variable empty;

    void stop() { next.store(count, std::memory_order_relaxed); }

    void run(int worker, Poll* poll) {
        const bool outer = inside_task;
        inside_task = true;
        for (;;) {
            if (poll && (*poll)()) stop();
            const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
            if (index >= count) break;
            try {
                task(index, worker);
            } catch (...) {
                if (!failed.exchange(true)) error = std::current_exception();
                stop();
            }
        }
        inside_task = outer;
    }
};

// Starts a thread that takes no signal: those are for the thread where the program expects them.  Signals that report
// a fault of the thread itself stay, for whoever prints a traceback then.
template <class Body>
void start_thread(Body body) {
#ifndef _WIN32
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } restore{before};
#endif
    std::thread(body).detach();
}

class Pool {
public:
    void offer(Job& job, int helpers);
    void wait(Job& job, Poll& poll);

    std::mutex mutex;
    std::vector<void (*)(int)> limiters;  // guarded by the mutex; each worker calls each once

private:
    void grow(int wanted);
    void serve();

    // All guarded by the mutex; `seats` may be read without it.
    std::vector<Job*> jobs;     // those with free seats
    std::atomic<int> seats{0};  // free ones, in all jobs
    int workers = 0, idle = 0, asleep = 0;
    std::condition_variable offered;
};

// Made when the library is loaded, so that no fork finds it half made.  Never destroyed: workers may outlive main().
std::atomic<Pool*> process_pool{new Pool};

void Pool::grow(int wanted) {
    try {
        for (; workers < wanted; ++workers, ++idle) start_thread([this] { serve(); });
    } catch (const std::system_error&) {
        // The system gives no more threads: the job has fewer helpers, or none.
    }
}

void Pool::offer(Job& job, int helpers) {
    int wake;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        grow(helpers);
        jobs.reserve(jobs.size() + 1);
        job.seats = std::min(helpers, workers);
        if (job.seats == 0) return;
        jobs.push_back(&job);
        seats += job.seats;
        wake = std::clamp(seats - idle, 0, asleep);
    }
    for (; wake > 0; --wake) offered.notify_one();
}

void Pool::serve() {
    std::size_t limited = 0;
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
        lock.unlock();
        const bool seen = spin_until([this] { return seats.load(std::memory_order_relaxed) > 0; });
        lock.lock();
        if (seats == 0 && !seen) {
            --idle, ++asleep;
            offered.wait(lock, [this] { return seats > 0; });
            ++idle, --asleep;
        }
        for (; limited < limiters.size(); ++limited) limiters[limited](1);
        if (seats == 0) continue;
        // The job with the fewest workers first: callers share what is free.
        Job& job = **std::min_element(jobs.begin(), jobs.end(), [](Job* a, Job* b) { return a->joined < b->joined; });
        const int worker = ++job.joined;
        ++job.seated, --seats, --idle;
        if (--job.seats == 0) jobs.erase(std::find(jobs.begin(), jobs.end(), &job));
        lock.unlock();
        job.run(worker, nullptr);
        lock.lock();
        ++idle;
        // Told under the mutex, which the caller takes before it destroys the job.
        if (--job.seated == 0) job.empty.notify_one();
    }
}

void Pool::wait(Job& job, Poll& poll) {
    std::unique_lock<std::mutex> lock(mutex);
    if (job.seats > 0) {
        seats -= job.seats;
        jobs.erase(std::find(jobs.begin(), jobs.end(), &job));
    }
    if (job.joined == 0) return;
    lock.unlock();
    spin_until([&job] { return job.seated.load(std::memory_order_relaxed) == 0; });
    lock.lock();
    while (!job.empty.wait_for(lock, Poll::time, [&job] { return job.seated == 0; })) {
        lock.unlock();
        if (poll()) job.stop();
        if (process_pool.load() != this)
            throw std::runtime_error(
                "This process was forked, by a signal handler, in the middle of a computation whose threads stayed with "
                "the parent. Compute again in the child.");
        lock.lock();
    }
}

#ifndef _WIN32
// The child of a fork has none of its parent's workers, and starts its own.
const int fork_handlers = pthread_atfork(
    [] { process_pool.load()->mutex.lock(); }, [] { process_pool.load()->mutex.unlock(); },
    [] {
        Pool* parents = process_pool.load();
        Pool* mine = new Pool;
        mine->limiters = parents->limiters;
        process_pool = mine;
        parents->mutex.unlock();  // for the caller whose `interrupted` has forked
    });
#endif

}  // namespace

int thread_limit() { return limit; }

void set_thread_limit(int n_threads) { limit = std::max(n_threads, 0); }

void limit_in_workers(void (*set_num_threads)(int)) {
    Pool& pool = *process_pool;
    const std::lock_guard<std::mutex> lock(pool.mutex);
    pool.limiters.push_back(set_num_threads);
}

bool parallel_for(std::size_t count, int n_threads, const Task& task, Interrupted interrupted) {
    Poll poll(inside_task ? nullptr : interrupted);
    Job job(count, task);
    const int most = limit > 0 ? std::min<int>(limit, most_threads) : most_threads;
    const std::size_t n = std::min<std::size_t>(count, std::clamp(n_threads, 1, most));
    if (n <= 1 || inside_task) {
        job.run(0, &poll);
    } else {
        Pool& pool = *process_pool;
        pool.offer(job, static_cast<int>(n) - 1);
        job.run(0, &poll);
        pool.wait(job, poll);
    }
    if (poll.stopped) return false;
    if (job.error) std::rethrow_exception(job.error);
    return true;
}

}  // namespace multilogit
