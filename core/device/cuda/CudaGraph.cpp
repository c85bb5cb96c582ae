// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaGraph.h"

namespace ww {

CudaResult<CudaGraph> CudaGraph::capture(const CudaDevice &device, const std::vector<CudaLaunch> &launches)
{
    const CudaDriver &driver = device.driver();
    CudaGraph made;
    made.m_device = &device;
    if (auto begun =
            driver.checked(driver.cuStreamBeginCapture(device.stream(), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                           "the plan cannot be captured in a graph");
        !begun)
        return tl::make_unexpected(begun.error());
    const CudaResult<void> queued = enqueue(device, launches);
    CUgraph graph = nullptr;
    const CudaResult<void> ended = driver.checked(driver.cuStreamEndCapture(device.stream(), &graph),
                                                  "the plan cannot be captured in a graph");
    CudaResult<void> ready = !queued ? queued : ended;
    if (ready)
        ready = driver.checked(driver.cuGraphInstantiateWithFlags(&made.m_runnable, graph, 0),
                               "the graph of the plan cannot be made");
    if (graph)
        driver.cuGraphDestroy(graph);
    if (ready)
        ready = driver.checked(driver.cuGraphUpload(made.m_runnable, device.stream()),
                               "the graph of the plan cannot be loaded");
    if (!ready)
        return tl::make_unexpected(ready.error());
    return made;
}

CudaGraph::~CudaGraph()
{
    if (m_runnable)
        m_device->driver().cuGraphExecDestroy(m_runnable);
}

CudaResult<void> CudaGraph::launch() const
{
    return m_device->driver().checked(m_device->driver().cuGraphLaunch(m_runnable, m_device->stream()),
                                      "the graph of the plan cannot be launched");
}

} // namespace ww
