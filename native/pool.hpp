// The threads of this process that compute, shared by every caller.  No Python in here.
//
// The design and its measurements stand in docs/decisions/threads.md.

#pragma once

#include <cstddef>
#include <functional>

namespace multilogit {

// Asked by the calling thread between its tasks and while it waits, at most every 20 ms; true stops the job.  May run
// any code, this library's included, but must not throw.
using Interrupted = bool (*)();

// Calls task(index, worker) once for every index in [0, count), in increasing order of start, on at most n_threads
// threads: the caller and workers of the pool.  `worker` is in [0, n_threads) and no two tasks that run at once share
// it: it names scratch space.  The calling thread is worker 0 and never waits for a worker to begin.
//
// Runs inline when n_threads == 1, when count == 1, when the limit below is 1 and when called from inside a task; an
// inner call does not ask `interrupted`, its outermost one does.
//
// Returns false if it was interrupted: indices not yet started are skipped, those started have finished.  If a task
// throws, the rest is skipped and the first exception is rethrown here, unless the job was interrupted too.  Tasks
// must not fork.  An answer to an interruption waits for the tasks that run: let one take 100 ms at most.
bool parallel_for(std::size_t count, int n_threads, const std::function<void(std::size_t, int)>& task,
                  Interrupted interrupted = nullptr);

// The most threads that any job may use from now on, in the whole process; 0 where there is no such limit.
int thread_limit();
void set_thread_limit(int n_threads);

// Lets each worker, present and future, call set_num_threads(1) once before its next task: for a library that tasks
// use and that keeps a count of its own threads per calling thread.
void limit_in_workers(void (*set_num_threads)(int));

}  // namespace multilogit
