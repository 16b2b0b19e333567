// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gstswsconvertscale-private.hpp"

#include <condition_variable>
#include <mutex>

namespace onair::sws {

namespace {

/// GStreamer's name for the context since 1.28 (gsttaskpool.h); applications may offer it to older versions as well.
constexpr const char* context_type = "gst.task.pool";

/// Bands on a pool that many elements share: it bounds the threads of the whole application. What a pool's join does is
/// its own affair (GstTaskPool's does not wait), so the tasks are counted here.
class TaskPoolExecutor : public Executor {
  public:
    explicit TaskPoolExecutor(GstTaskPool* pool) : pool_(GST_TASK_POOL(gst_object_ref(pool))) {}

    void run(size_t jobs, const std::function<void(size_t)>& job) override {
        std::vector<Task> tasks(jobs);
        for (size_t i = 0; i < jobs; ++i)
            tasks[i] = {this, &job, i, nullptr, nullptr};
        open_ = jobs;
        for (size_t i = 1; i < jobs; ++i) {
            GError* error = nullptr;
            tasks[i].handle = gst_task_pool_push(pool_.get(), &Task::call, &tasks[i], &error);
            if (!error) continue;
            g_clear_error(&error);
            Task::call(&tasks[i]); // the pool has no thread for it
        }
        if (jobs > 0) Task::call(&tasks[0]);
        // All of them end before the first failure is handed on: they use what lies on this stack.
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [this] { return open_ == 0; });
        lock.unlock();
        for (Task& task : tasks)
            if (task.handle) gst_task_pool_join(pool_.get(), task.handle);
        for (const Task& task : tasks)
            if (task.failure) std::rethrow_exception(task.failure);
    }

  private:
    struct Task {
        TaskPoolExecutor* owner = nullptr;
        const std::function<void(size_t)>* job = nullptr;
        size_t index = 0;
        gpointer handle = nullptr;
        std::exception_ptr failure;

        static void call(gpointer self) {
            auto* task = static_cast<Task*>(self);
            try {
                (*task->job)(task->index);
            } catch (...) {
                task->failure = std::current_exception();
            }
            TaskPoolExecutor& owner = *task->owner;
            const std::lock_guard lock(owner.mutex_);
            if (--owner.open_ == 0) owner.ended_.notify_all();
        }
    };

    std::mutex mutex_;
    std::condition_variable ended_;
    size_t open_ = 0; ///< tasks that have not ended
    gst::owned<GstTaskPool, gst_object_unref> pool_;
};

} // namespace

GstTaskPool* task_pool_of(GstContext* context) {
    if (!context || g_strcmp0(gst_context_get_context_type(context), context_type) != 0) return nullptr;
    const GstStructure* s = gst_context_get_structure(context);
    for (gint i = 0; i < gst_structure_n_fields(s); ++i) {
        const GValue* value = gst_structure_get_value(s, gst_structure_nth_field_name(s, static_cast<guint>(i)));
        if (G_VALUE_HOLDS(value, GST_TYPE_TASK_POOL)) return GST_TASK_POOL(g_value_dup_object(value));
    }
    return nullptr;
}

void ask_for_task_pool(GstElement* element) {
    gst_element_post_message(element, gst_message_new_need_context(GST_OBJECT(element), context_type));
}

std::unique_ptr<Executor> make_executor(GstTaskPool* pool, unsigned threads) {
    if (pool) return std::make_unique<TaskPoolExecutor>(pool);
    return std::make_unique<ThreadPool>(threads);
}

} // namespace onair::sws
