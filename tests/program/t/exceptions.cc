/* SPDX-License-Identifier: BSD-2-Clause */
/* C++: exceptions through frames, threads, and the standard library. */
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static int count, failed;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	failed += !good;
}

struct guard {
	int &n;
	explicit guard(int &m) : n(m) {}
	~guard() { n++; }
};

static int unwound;

static int thrower(int depth)
{
	guard g(unwound);

	if (depth == 0)
		throw std::runtime_error("thrown");
	return thrower(depth - 1) + 1;
}

int main()
{
	std::map<std::string, int> m;
	std::vector<std::thread> threads;
	std::mutex lock;
	int sum = 0, caught = 0;

	try {
		thrower(20);
	} catch (const std::exception &e) {
		ok(std::string(e.what()) == "thrown", "an exception is caught");
	}
	ok(unwound == 21, "and every frame unwound");
	for (int i = 0; i < 4; i++)
		threads.emplace_back([&, i] {
			try {
				thrower(i);
			} catch (...) {
				std::lock_guard<std::mutex> hold(lock);
				caught++;
				sum += i;
			}
		});
	for (auto &t : threads)
		t.join();
	ok(caught == 4 && sum == 6, "in threads too");
	try {
		m.at("nothing");
	} catch (const std::out_of_range &) {
		ok(true, "one of the library's");
	}
	printf("1..%d\n", count);
	return failed != 0;
}
